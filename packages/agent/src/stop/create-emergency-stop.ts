import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { RunProcesses, RunSandbox } from '../contract/run.js'
import type { StopCause, StopReport } from '../contract/stop.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentRecord } from '../record/agent-record.js'
import { endRuns, type KnownProcess, killRuns, type RunsOf, runningProcesses } from './end-runs.js'
import { guardSandbox, type RunGuard } from './guard-sandbox.js'
import { findProcess } from './process-table.js'
import { raiseStopFile } from './raise-stop-file.js'
import { recordStop, type SuspendedProposals } from './record-stop.js'
import { registerRun } from './run-register.js'
import { findStop } from './stop-files.js'

/** With what everything is stopped. */
export interface EmergencyStopOptions {
  /** Where it is noted what runs. */
  readonly runDirectory: string
  readonly record: AgentRecord
  /** Where a stop is looked for and kept, see `stopFiles`. */
  files(): readonly string[]
}

/** What holds everything back, and stops it. */
export interface EmergencyStop {
  /** Aborted when everything is stopped: for whoever waits or loops. */
  readonly signal: AbortSignal
  /** Resolves with the report of a stop in this process. */
  readonly stopped: Promise<StopReport>
  /** Why nothing may be started: asked in the same turn as the start. Looks at the files each time. */
  standing(): string | undefined
  /** @throws JANUS_AGENT_STOPPED */
  requireRunning(): void
  /** Where a stop is looked for and kept, see `stopFiles`. */
  files(): readonly string[]
  /** Those of them that stand. */
  found(): readonly string[]
  /** The same sandbox, which starts nothing after a stop and whose runs anybody can end. */
  guard(sandbox: RunSandbox, overran?: RunGuard['overran']): RunSandbox
  /** Lets the supervisor live, and whatever else must. */
  spare(process: KnownProcess): void
  /** Something whose end is waited for before the stop is recorded, for {@link DRAIN} milliseconds at most. */
  drainWith(drain: () => Promise<unknown>): void
  /**
   * Stops everything: the flag first, so that nothing is started any more; then every process; then the record. Killing waits for nothing, not for the disk either. The second to ask
   * gets the report of the first.
   * @param learn finds out more about the cause, for the record; nothing but the record waits for it, and that not for long
   */
  stopEverything(cause: StopCause, learn?: () => Promise<StopCause>): Promise<StopReport>
}

/** Milliseconds until a process that SIGKILL does not end is given up. */
const LONGEST_KILL = 5000
/** Milliseconds that what was ended has to record its end. */
export const DRAIN = 1000
/** Milliseconds until a disk that does not answer is given up. */
const LONGEST_WRITE = 5000

/** Makes what stops everything in this process. Watching for reasons is the daemon's: see `watchStopFiles`, `watchViolations`. */
export function createEmergencyStop({ runDirectory, record, files }: EmergencyStopOptions): EmergencyStop {
  const abort = new AbortController()
  // Every run and every loop waits on it.
  setMaxListeners(0, abort.signal)
  const spared: KnownProcess[] = []
  const drains: (() => Promise<unknown>)[] = []
  let flag: StopCause | undefined
  let report: (report: StopReport) => void = () => undefined
  const stopped = new Promise<StopReport>((resolve) => {
    report = resolve
  })

  const runs = (): RunsOf => ({ runDirectory, daemon: ownProcess(), spared })
  const standing = (): string | undefined => {
    if (flag !== undefined) return `everything was stopped: ${flag.summary}`
    return findStop(files()) ?? standingOnRecord(record)
  }
  const requireRunning = (): void => {
    const because = standing()
    if (because !== undefined) throw agentError('JANUS_AGENT_STOPPED', because)
  }

  const stop = async (first: StopCause, learn?: () => Promise<StopCause>): Promise<StopReport> => {
    const problems: string[] = []
    const attempt = async <Answer>(what: string, work: Promise<Answer>, most: number): Promise<Answer | undefined> => {
      const late = delay(most, undefined, { ref: false }).then(() => {
        throw new Error(`not done within ${most / 1000} s`)
      })
      return Promise.race([work, late]).catch((error: unknown) => {
        problems.push(`${what}: ${error instanceof Error ? error.message : String(error)}`)
        return undefined
      })
    }
    // What ran when the flag went up was ended by it, whoever was faster: as soon as the file is there, the supervisor kills too.
    const ran = runningProcesses(runs()).length
    const raising = raiseStopFile(files(), first)
    raising.catch(() => undefined)
    // In this order a run knows that it was cancelled when it ends; all of it is this one turn.
    abort.abort()
    const killed = killRuns(runs())
    const { ended, left } = await endRuns(runs(), LONGEST_KILL)
    const file = await attempt('the stop could not be made to outlast a restart', raising, LONGEST_WRITE)
    const draining = Promise.all(drains.map((drain) => drain()))
    await Promise.race([draining.catch(() => undefined), delay(DRAIN, undefined, { ref: false })])
    const cause = (learn && (await attempt('the cause could not be read', learn(), DRAIN))) ?? first
    const counts = { ended: Math.max(ran - left.length, killed.length, ended), left: left.length }
    const recorded: SuspendedProposals | undefined = await attempt(
      'the stop could not be recorded',
      recordStop(record, cause, counts),
      LONGEST_WRITE,
    )
    return { cause, ...counts, left, file, suspended: [], executing: [], ...recorded, problems }
  }

  return {
    signal: abort.signal,
    standing,
    requireRunning,
    files,
    found: () => files().filter((path) => findStop([path]) !== undefined),
    guard: (sandbox, overran) =>
      guardSandbox(sandbox, {
        signal: abort.signal,
        requireRunning,
        ...(overran === undefined ? {} : { overran }),
        register: (processes: RunProcesses) => registerRun(runDirectory, processes),
      }),
    spare: (process) => void spared.push(process),
    drainWith: (drain) => void drains.push(drain),
    stopped,
    stopEverything: (cause, learn) => {
      // Whoever hears of the abort may ask again before the first call has returned.
      if (flag === undefined) {
        flag = cause
        void stop(cause, learn).then(report)
      }
      return stopped
    },
  }
}

function standingOnRecord({ state }: AgentRecord): string | undefined {
  const { stopped } = state
  return stopped === undefined ? undefined : `everything was stopped at ${stopped.at}: ${stopped.summary}`
}

function ownProcess(): KnownProcess | undefined {
  return findProcess(process.pid)
}
