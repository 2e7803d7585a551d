import type { RunEnd, RunEnding, RunProcesses, RunSandbox, ToolRun } from '../contract/run.js'

/** What stands between a run and its start. */
export interface RunGuard {
  /** Aborted when everything is stopped. */
  readonly signal: AbortSignal
  /** Throws when nothing may be started. */
  requireRunning(): void
  /** Notes a run before it can do anything; what it returns takes the note away. */
  register(processes: RunProcesses): () => void
  /** Told of a run that used up what it was given. */
  overran?(run: ToolRun, end: RunEnd): void
}

/** Endings of a run that took all it was given, and wanted more. One that only took too long is no violation: it has failed. */
const OVERRUNS: ReadonlySet<RunEnding> = new Set(['out-of-memory', 'cpu-limit', 'output-limit'])

/**
 * A sandbox that asks before each start, in the turn of the start and once more when the process is there, and notes what it started: nothing is started after a stop,
 * and what was started can be ended by anybody.
 */
export function guardSandbox(sandbox: RunSandbox, guard: RunGuard): RunSandbox {
  const { requireRunning, register, overran } = guard
  const run = async (given: ToolRun): ReturnType<RunSandbox['run']> => {
    requireRunning()
    const ended: (() => void)[] = []
    try {
      const end = await sandbox.run({
        ...given,
        signal: given.signal === undefined ? guard.signal : AbortSignal.any([guard.signal, given.signal]),
        beforeStart: () => {
          requireRunning()
          given.beforeStart?.()
        },
        onStarted: (processes) => {
          ended.push(register(processes))
          requireRunning()
          given.onStarted?.(processes)
        },
      })
      if (OVERRUNS.has(end.ending)) overran?.(given, end)
      return end.ending === 'signalled' && isStopped(guard) ? endedByStop(end) : end
    } finally {
      for (const end of ended) end()
    }
  }
  return { selfTest: () => sandbox.selfTest(), run, close: () => sandbox.close() }
}

/** It did not end by itself, whoever was quicker: the supervisor kills without telling this process. */
function endedByStop(end: RunEnd): RunEnd {
  return { ...end, ending: 'cancelled', summary: 'it was ended because everything was stopped' }
}

function isStopped({ requireRunning }: RunGuard): boolean {
  try {
    requireRunning()
    return false
  } catch {
    return true
  }
}
