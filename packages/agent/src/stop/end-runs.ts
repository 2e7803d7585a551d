import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { RunProcesses } from '../contract/run.js'
import { isHand } from './is-hand.js'
import { descendantsOf, findProcess, type ProcessEntry, readProcessTable } from './process-table.js'
import { registeredRuns } from './run-register.js'

/** A process, and since when: a number alone may be another one by now. */
export type KnownProcess = Pick<ProcessEntry, 'pid' | 'startTime'>

/** Where the runs of a daemon are found. */
export interface RunsOf {
  readonly runDirectory: string
  /** What it started is ended too, noted or not; undefined: no daemon runs. */
  readonly daemon: KnownProcess | undefined
  /** Left alone besides the daemon and this process: the supervisor. */
  readonly spared: readonly KnownProcess[]
}

/**
 * Kills every run there is, once, and does not wait: synchronous, reads nothing but /proc and the run directory. The hand of a transaction of core is left
 * alone: a step that is under way is not torn.
 * @returns processes that were sent SIGKILL
 */
export function killRuns(runs: RunsOf): readonly KnownProcess[] {
  const killed = new Map<string, KnownProcess>()
  const kill = (process: KnownProcess): void => {
    if (killKnown(process)) killed.set(keyOf(process), process)
  }
  for (const run of registeredRuns(runs.runDirectory)) {
    const members = run.cgroup === undefined ? [] : killCgroup(run.cgroup)
    for (const member of members) kill(member)
    // The number of a group is not given to another process while the group has members.
    if (findKnown(run)?.group === run.pid && signal(-run.pid)) killed.set(keyOf(run), run)
    else kill(run)
  }
  for (const process of sweep(runs)) kill(process)
  return [...killed.values()]
}

/** What still runs of all that. */
export function runningProcesses(runs: RunsOf): readonly KnownProcess[] {
  const running = new Map<string, KnownProcess>()
  for (const run of registeredRuns(runs.runDirectory)) {
    for (const each of [run, ...membersOf(run.cgroup)])
      if (findKnown(each) !== undefined) running.set(keyOf(each), { pid: each.pid, startTime: each.startTime })
  }
  for (const { pid, startTime } of sweep(runs)) running.set(keyOf({ pid, startTime }), { pid, startTime })
  return [...running.values()]
}

/** How the runs ended. */
export interface EndedRuns {
  readonly ended: number
  /** Did not end in time: the kernel holds them. */
  readonly left: readonly KnownProcess[]
}

const PAUSE = 5

/**
 * Kills every run until none is left.
 * @param deadline milliseconds; a process that the kernel holds does not even end by SIGKILL
 */
export async function endRuns(runs: RunsOf, deadline: number): Promise<EndedRuns> {
  const until = performance.now() + deadline
  const killed = new Set(killRuns(runs).map(keyOf))
  for (;;) {
    const left = runningProcesses(runs)
    if (left.length === 0 || performance.now() >= until) {
      for (const each of left) killed.delete(keyOf(each))
      return { ended: killed.size, left }
    }
    await delay(PAUSE)
    for (const each of killRuns(runs)) killed.add(keyOf(each))
  }
}

/** Everything that the daemon started, noted or not, but what is spared. */
function sweep({ daemon, spared }: RunsOf): readonly ProcessEntry[] {
  if (daemon === undefined || findKnown(daemon) === undefined) return []
  const spares = (entry: ProcessEntry): boolean =>
    entry.pid === process.pid ||
    spared.some(({ pid, startTime }) => pid === entry.pid && startTime === entry.startTime) ||
    (entry.parent === daemon.pid && isHand(entry, daemon.pid))
  return descendantsOf(readProcessTable(), daemon.pid, spares)
}

/** The process as it runs, if it is still the one that is meant. */
export function findKnown({ pid, startTime }: KnownProcess): ProcessEntry | undefined {
  const found = findProcess(pid)
  return found?.startTime === startTime ? found : undefined
}

/** Looked at again right before: between the two nothing else happens in this process. */
function killKnown(known: KnownProcess): boolean {
  if (findKnown(known) === undefined) return false
  return signal(known.pid)
}

function signal(target: number): boolean {
  try {
    process.kill(target, 'SIGKILL')
    return true
  } catch {
    // It ended meanwhile.
    return false
  }
}

/** cgroup.kill where the kernel has it (v2, since 5.14), else each of its members. */
function killCgroup(cgroup: string): readonly KnownProcess[] {
  try {
    writeFileSync(`${cgroup}/cgroup.kill`, '1')
    return []
  } catch {
    return membersOf(cgroup)
  }
}

function membersOf(cgroup: RunProcesses['cgroup']): readonly KnownProcess[] {
  if (cgroup === undefined) return []
  try {
    const pids = readFileSync(`${cgroup}/cgroup.procs`, 'utf8').split('\n').filter(Boolean)
    return pids.flatMap((pid) => findProcess(Number(pid)) ?? [])
  } catch {
    return []
  }
}

function keyOf({ pid, startTime }: KnownProcess): string {
  return `${pid}-${startTime}`
}
