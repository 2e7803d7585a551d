import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { type HeldLaunch, holdMounts, type OutputReader, programOf } from '@janus/core/sandbox'
import type { KeptOutput, RunEnding } from '../contract/run.js'
import { keepOutput } from './keep-output.js'
import {
  identifyProcess,
  isAlive,
  isStillThere,
  type ProcessIdentity,
  parentOf,
  signalProcess,
} from './process-identity.js'
import type { CgroupUsage, RunCgroup } from './run-cgroups.js'

/** The bounds that a run is watched by. */
export interface RunWatch {
  /** Milliseconds. */
  readonly wall: number
  readonly grace: number
  /** Milliseconds of processor time of all processes together, where they are counted. */
  readonly cpu: number
  /** Bytes kept of each stream, and bytes of both after which it is ended. */
  readonly keptOutput: number
  readonly mostOutput: number
  /** Given with the launch. */
  readonly input: string | Uint8Array | undefined
  readonly signal: AbortSignal | undefined
}

/** How a watched run ended. */
export interface WatchedEnd {
  /** Why we ended it; undefined when it ended by itself. */
  readonly reason: EndReason | undefined
  /** Status of the program, as its parent inside saw it: 128 and the number for a signal. */
  readonly status: number | undefined
  /** A process that was set up to run the program was there. */
  readonly wasSetUp: boolean
  /** Bubblewrap, which waited for it, was ended by a signal: nothing inside can do that. */
  readonly wasKilled: boolean
  readonly stdout: KeptOutput
  readonly stderr: KeptOutput
  readonly durationMs: number
  readonly usage: CgroupUsage
}

/** What a run can be ended for. */
export type EndReason = Extract<RunEnding, 'timeout' | 'out-of-memory' | 'cpu-limit' | 'output-limit' | 'cancelled'>

const DRAIN = 300
const AFTER_KILL = 1_000
const BY_ITSELF = 100
const WATCH_INTERVAL = 200
const POLL = 2

/**
 * Waits for a run within its bounds. It resolves when every process of it is gone, whatever they do; a signal goes only to who is known to be the same
 * process as before.
 * @param leader its first process, with which every other one ends
 */
export async function superviseRun(
  { program, status }: HeldLaunch,
  leader: ProcessIdentity,
  cgroup: RunCgroup,
  output: { readonly stdout: OutputReader; readonly stderr: OutputReader },
  watch: RunWatch,
): Promise<WatchedEnd> {
  const started = performance.now()
  let reason: EndReason | undefined
  let bytes = 0
  let first: ProcessIdentity | undefined
  let releaseMounts = (): void => undefined
  let hasExited = false
  const count = (more: number): void => {
    bytes += more
    if (bytes > watch.mostOutput) end('output-limit', 0)
  }
  const stdout = keepOutput(output.stdout, watch.keptOutput, count)
  const stderr = keepOutput(output.stderr, watch.keptOutput, count)
  void status.announced().then((childPid) => {
    first ??= firstInside(childPid, leader)
    if (first !== undefined && !hasExited) releaseMounts = holdMounts(first.pid)
  })

  const kill = (): void => {
    cgroup.kill()
    signalProcess(leader, 'SIGKILL')
    program.kill()
    if (first !== undefined) signalProcess(first, 'SIGKILL')
  }
  const end = (why: EndReason, grace: number): void => {
    if (reason !== undefined) return
    reason = why
    void endGently(grace)
  }
  const endGently = async (grace: number): Promise<void> => {
    if (grace > 0 && terminate(status.childPid(), leader)) {
      await Promise.race([program.ended, delay(grace, undefined, { ref: false })])
    }
    // What has ended by itself leaves its launcher to the next.
    if (!program.hasEnded()) kill()
  }
  const wall = setTimeout(() => end('timeout', watch.grace), watch.wall)
  const look = setInterval(() => {
    const usage = cgroup.usage()
    if (usage.outOfMemory > 0) end('out-of-memory', 0)
    else if (usage.cpuMs !== undefined && usage.cpuMs > watch.cpu) end('cpu-limit', 0)
  }, WATCH_INTERVAL)
  const onAbort = (): void => end('cancelled', watch.grace)
  watch.signal?.addEventListener('abort', onAbort, { once: true })
  if (watch.signal?.aborted === true) onAbort()

  await program.ended
  hasExited = true
  clearTimeout(wall)
  clearInterval(look)
  watch.signal?.removeEventListener('abort', onAbort)
  const durationMs = performance.now() - started
  await allGone(cgroup, first)
  releaseMounts()
  await Promise.all([stdout.drained(DRAIN), stderr.drained(DRAIN)])
  return {
    reason,
    status: status.exitCode(),
    wasSetUp: status.wasSetUp(),
    wasKilled: program.wasKilled(),
    stdout: stdout.kept(),
    stderr: stderr.kept(),
    durationMs,
    usage: cgroup.usage(),
  }
}

/** Asks the program itself: SIGTERM to bubblewrap would be a SIGKILL for it. */
function terminate(childPid: number | undefined, leader: ProcessIdentity): boolean {
  if (childPid === undefined || !isFirstOf(childPid, leader)) return false
  const program = programOf(childPid)
  const identity = program === undefined ? undefined : identifyProcess(program)
  if (identity === undefined || parentOf(identity.pid) !== childPid) return false
  // One that is stopped would not hear it.
  signalProcess(identity, 'SIGTERM')
  signalProcess(identity, 'SIGCONT')
  return true
}

/** The first process inside, by the number that bubblewrap gave. */
function firstInside(childPid: number | undefined, leader: ProcessIdentity): ProcessIdentity | undefined {
  if (childPid === undefined) return undefined
  const identity = identifyProcess(childPid)
  return identity !== undefined && isFirstOf(childPid, leader) ? identity : undefined
}

/** It is that as long as its parent is bubblewrap. */
function isFirstOf(childPid: number, leader: ProcessIdentity): boolean {
  return parentOf(childPid) === leader.pid && isStillThere(leader)
}

/** It dies with bubblewrap, and with it every process of its namespace (pid_namespaces(7)): a moment later. What does not is ended with its launcher. */
async function allGone(cgroup: RunCgroup, first: ProcessIdentity | undefined): Promise<void> {
  const deadline = performance.now() + AFTER_KILL
  const soon = performance.now() + POLL
  const late = performance.now() + BY_ITSELF
  while (first !== undefined && isAlive(first) && performance.now() < deadline) {
    signalProcess(first, 'SIGKILL')
    if (performance.now() > late) cgroup.kill()
    // Mostly it is gone by the next turn already.
    await (performance.now() < soon ? nextTurn() : delay(POLL))
  }
}
