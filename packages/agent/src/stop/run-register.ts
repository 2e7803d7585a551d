import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunProcesses } from '../contract/run.js'

const DIRECTORY = 'processes'
const NAME = /^(\d{1,10})-(\d{1,20})$/

/**
 * Notes in the run directory what runs, before it can do anything: whoever has to end it without the daemon reads it there. Synchronous for that reason, and not
 * durable: a machine that went down runs nothing.
 * @returns takes the note away
 * @throws the errno error of writing it: then the run must not go on
 */
export function registerRun(runDirectory: string, { pid, startTime, cgroup }: RunProcesses): () => void {
  const directory = join(runDirectory, DIRECTORY)
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const path = join(directory, `${pid}-${startTime}`)
  writeFileSync(path, cgroup ?? '', { mode: 0o600 })
  return () => rmSync(path, { force: true })
}

/** What is noted as running. What of it has ended meanwhile is to be found out by its start time. */
export function registeredRuns(runDirectory: string): readonly RunProcesses[] {
  const directory = join(runDirectory, DIRECTORY)
  const found: RunProcesses[] = []
  for (const name of namesIn(directory)) {
    const [, pid, startTime] = NAME.exec(name) ?? []
    if (pid === undefined || startTime === undefined) continue
    found.push({ pid: Number(pid), startTime, cgroup: cgroupIn(join(directory, name)) })
  }
  return found
}

/** Takes every note away: for whoever has seen that nothing runs any more. */
export function clearRegister(runDirectory: string): void {
  rmSync(join(runDirectory, DIRECTORY), { recursive: true, force: true })
}

function namesIn(directory: string): readonly string[] {
  try {
    return readdirSync(directory)
  } catch {
    return []
  }
}

function cgroupIn(path: string): string | undefined {
  try {
    const text = readFileSync(path, 'utf8')
    return text.startsWith('/sys/fs/cgroup/') ? text : undefined
  } catch {
    return undefined
  }
}
