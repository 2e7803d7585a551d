import { readShortFile } from '@janus/core/sandbox'

/** A process that is still the one it was: its number, and when it started in clock ticks since boot (field 22 of /proc/PID/stat). */
export interface ProcessIdentity {
  readonly pid: number
  readonly startTime: string
}

/** The process that has this number now; undefined when there is none. */
export function identifyProcess(pid: number): ProcessIdentity | undefined {
  const startTime = statFields(pid)?.[START_TIME]
  return startTime === undefined ? undefined : { pid, startTime }
}

/** Number of its parent; undefined when it is gone. */
export function parentOf(pid: number): number | undefined {
  const parent = Number(statFields(pid)?.[PARENT])
  return Number.isSafeInteger(parent) ? parent : undefined
}

/** True while the process is there, a zombie included. */
export function isStillThere({ pid, startTime }: ProcessIdentity): boolean {
  return statFields(pid)?.[START_TIME] === startTime
}

/** True while it can still do something: a zombie cannot. */
export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  const fields = statFields(pid)
  return fields !== undefined && fields[START_TIME] === startTime && !DEAD.includes(fields[STATE] ?? '')
}

/**
 * Sends a signal to a process, and to nobody who has its number by now.
 * @returns false when it is gone
 */
export function signalProcess(process_: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (process_.pid <= 1 || !isStillThere(process_)) return false
  try {
    return process.kill(process_.pid, signal)
  } catch {
    return false
  }
}

/** Of proc_pid_stat(5), counted from the state, which follows the name in parentheses. */
const STATE = 0
const PARENT = 1
const START_TIME = 19
const DEAD = ['Z', 'X']

function statFields(pid: number): readonly string[] | undefined {
  try {
    const text = readShortFile(`/proc/${pid}/stat`)
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}
