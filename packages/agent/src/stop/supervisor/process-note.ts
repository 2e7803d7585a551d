import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findKnown, type KnownProcess } from '../end-runs.js'
import { findProcess } from '../process-table.js'

/** Who has a note in the run directory: the daemon, and its supervisor. */
export type NotedProcess = 'daemon' | 'supervisor'

/**
 * Notes in the run directory which process this is.
 * @returns takes the note away, if it still is about this process
 */
export function noteProcess(runDirectory: string, who: NotedProcess): () => void {
  const own = findProcess(process.pid)
  if (own === undefined) throw new Error('/proc does not show this process')
  const path = join(runDirectory, `${who}.pid`)
  const unnamed = `${path}.${process.pid}`
  writeFileSync(unnamed, `${own.pid} ${own.startTime}\n`, { mode: 0o600 })
  renameSync(unnamed, path)
  return () => {
    const noted = readNote(path)
    if (noted?.pid === own.pid && noted.startTime === own.startTime) rmSync(path, { force: true })
  }
}

/** The process that is noted, if it still runs. */
export function notedProcess(runDirectory: string, who: NotedProcess): KnownProcess | undefined {
  const noted = readNote(join(runDirectory, `${who}.pid`))
  return noted !== undefined && findKnown(noted) !== undefined ? noted : undefined
}

function readNote(path: string): KnownProcess | undefined {
  try {
    const [, pid, startTime] = /^(\d{1,10}) (\d{1,20})\n$/.exec(readFileSync(path, 'utf8')) ?? []
    return pid === undefined || startTime === undefined ? undefined : { pid: Number(pid), startTime }
  } catch {
    return undefined
  }
}
