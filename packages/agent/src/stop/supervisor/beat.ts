import { closeSync, fstatSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'

const NAME = 'heartbeat'
const EVERY = 500

/**
 * Shows the supervisor that the event loop of this process turns: a number that grows, in a file of the run directory.
 * @returns ends it
 */
export function startBeating(runDirectory: string, every = EVERY): () => void {
  const open = (): number => openSync(join(runDirectory, NAME), 'w', 0o600)
  let descriptor = open()
  let beats = 0
  const beat = (): void => {
    beats += 1
    // Without a name nobody sees it: the daemon would be taken for one that stands still.
    if (fstatSync(descriptor).nlink === 0) {
      closeSync(descriptor)
      descriptor = open()
    }
    writeSync(descriptor, String(beats).padStart(20, '0'), 0)
  }
  beat()
  const timer = setInterval(beat, every).unref()
  return () => {
    clearInterval(timer)
    closeSync(descriptor)
  }
}

/** What the file says now; undefined when there is none. */
export function readBeat(runDirectory: string): string | undefined {
  try {
    return readFileSync(join(runDirectory, NAME), 'latin1')
  } catch {
    return undefined
  }
}
