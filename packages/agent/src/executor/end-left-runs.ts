import { readdirSync, readFileSync } from 'node:fs'
import type { ResolvedTool, Warrant } from '../contract/warrant.js'
import { identifyProcess, parentOf, signalProcess } from '../sandbox/process-identity.js'

/**
 * Ends what is left of a run whose executor was killed. A run ends together with whoever started it, but for some milliseconds of its start: bubblewrap's inner process has not asked for
 * that yet when its outer one is gone, and either waits for ever or goes on by itself. It is the first process of a namespace of its own, so that all of the run ends with it, and it is known by the end of
 * its command line, which is that of the warrant, and by its parent, which is not bubblewrap any more.
 * @param warrant of an execution that does not run
 * @returns numbers of the processes that were ended
 */
export function endLeftRuns({ action, rollback }: Pick<Warrant, 'action' | 'rollback'>): readonly number[] {
  const wanted = [action, rollback].filter((each): each is ResolvedTool => each?.kind === 'tool').map(commandOf)
  if (wanted.length === 0) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const left = identifyProcess(pid)
      return left !== undefined && isLeft(pid, wanted) && signalProcess(left, 'SIGKILL')
    })
}

function isLeft(pid: number, wanted: readonly string[]): boolean {
  const line = commandLine(pid)
  if (!isBubblewrap(line) || !wanted.some((command) => line.endsWith(command))) return false
  const parent = parentOf(pid)
  return isFirstInside(pid) && parent !== undefined && !isBubblewrap(commandLine(parent))
}

function isBubblewrap(line: string): boolean {
  return /^[^\0]*bwrap\0/.test(line)
}

/** As it stands at the end of a command line: behind the separator, each word with its NUL. */
function commandOf({ binary, argv }: ResolvedTool): string {
  return ['', '--', binary.path, ...argv, ''].join('\0')
}

/** `NSpid` of proc_pid_status(5): its number in each namespace, the innermost last. */
function isFirstInside(pid: number): boolean {
  const numbers =
    /^NSpid:(.*)$/m
      .exec(read(`/proc/${pid}/status`))?.[1]
      ?.trim()
      .split(/\s+/) ?? []
  return numbers.length > 1 && numbers.at(-1) === '1'
}

function commandLine(pid: number): string {
  return read(`/proc/${pid}/cmdline`)
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
