import { type FSWatcher, statSync, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import { findStop } from './stop-files.js'

/** What is watched for. */
export interface WatchStopFilesOptions {
  readonly paths: readonly string[]
  /** Milliseconds between two looks, besides what the kernel tells. Default: 250. */
  readonly every?: number
  /** Called for each thing that is found, again as long as it is there. */
  onFound(because: string, path: string): void
}

/** A running watch. */
export interface StopWatch {
  close(): void
}

const EVERY = 250

/**
 * Watches for an emergency stop: by inotify, so that one that is created and removed within a moment counts too, and by looking, where inotify does not reach
 * or missed something. Keeps no process alive.
 */
export function watchStopFiles({ paths, every = EVERY, onFound }: WatchStopFilesOptions): StopWatch {
  const watches = paths.map((path) => watchOne(path, onFound))
  const look = (): void => {
    for (const each of watches) each.look()
  }
  look()
  const timer = setInterval(look, every).unref()
  return {
    close: () => {
      clearInterval(timer)
      for (const each of watches) each.close()
    },
  }
}

function watchOne(path: string, onFound: (because: string, path: string) => void): { look(): void; close(): void } {
  const directory = dirname(path)
  const name = basename(path)
  let watcher: FSWatcher | undefined
  let watched: string | undefined
  let wasThere = false

  const close = (): void => {
    watcher?.close()
    watcher = undefined
    watched = undefined
  }
  const happened = (told: string | null): void => {
    if (told !== name) return
    const wasAbsent = !wasThere
    const found = findStop([path])
    // What is told of a file that was not there and is not there can only have come and gone.
    if (found === undefined && wasAbsent) onFound(`${path} was there, and is gone again`, path)
    else report(found)
  }
  const report = (found: string | undefined): void => {
    wasThere = found !== undefined
    if (found !== undefined) onFound(found, path)
  }
  const rewatch = (): void => {
    const found = identify(directory)
    if (found === watched) return
    close()
    if (found === undefined) return
    try {
      watcher = watch(directory, { persistent: false }, (_event, told) => happened(told))
      watcher.on('error', close)
      watched = found
    } catch {
      // Looked at by time alone, and tried again: inotify has a bound of its own.
    }
  }
  return {
    look: () => {
      rewatch()
      report(findStop([path]))
    },
    close,
  }
}

/** Tells a directory from another one that has its name later. */
function identify(directory: string): string | undefined {
  try {
    const { dev, ino } = statSync(directory)
    return `${dev}:${ino}`
  } catch {
    return undefined
  }
}
