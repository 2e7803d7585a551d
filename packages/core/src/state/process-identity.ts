import { readFile } from 'node:fs/promises'
import type { ProcessIdentity } from '../contract/hand.js'

const START_TIME_AFTER_NAME = 19
const GONE_STATES = ['Z', 'X', 'x']

/**
 * Identifies a running process, so that a later one with the same number is not mistaken for it (proc(5), fields 1, 3, 22).
 * @returns undefined when there is no such process, or it has ended and only waits to be reaped
 */
export async function readProcessIdentity(pid: number): Promise<ProcessIdentity | undefined> {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : parseProcessStat(text)
}

/** True while this very process runs; a zombie has ended. */
export async function isProcessAlive(identity: ProcessIdentity): Promise<boolean> {
  const found = await readProcessIdentity(identity.pid)
  return found !== undefined && found.startTime === identity.startTime
}

/**
 * Reads the text of `/proc/<pid>/stat`. The name in it is chosen by the process and may hold spaces and parentheses.
 * @returns undefined for a process that has ended, or for other text
 */
export function parseProcessStat(text: string): ProcessIdentity | undefined {
  const nameStart = text.indexOf(' (')
  const nameEnd = text.lastIndexOf(') ')
  if (nameStart === -1 || nameEnd < nameStart) return undefined
  const pid = Number(text.slice(0, nameStart))
  const fields = text
    .slice(nameEnd + 2)
    .trim()
    .split(' ')
  const state = fields[0] ?? ''
  const startTime = fields[START_TIME_AFTER_NAME]
  if (!Number.isSafeInteger(pid) || startTime === undefined || !/^\d+$/.test(startTime)) return undefined
  return GONE_STATES.includes(state) ? undefined : { pid, startTime }
}
