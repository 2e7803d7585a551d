import type { RunProcesses, RunSandbox, ToolRun } from '../contract/run.js'

/** What stands between a run and its start. */
export interface RunGuard {
  /** Throws when nothing may be started. */
  requireRunning(): void
  /** Notes a run before it can do anything; what it returns takes the note away. */
  register(processes: RunProcesses): () => void
}

/**
 * A sandbox that asks before each start, in the turn of the start and once more when the process is there, and notes what it started: nothing is started after a stop,
 * and what was started can be ended by anybody.
 */
export function guardSandbox(sandbox: RunSandbox, { requireRunning, register }: RunGuard): RunSandbox {
  const run = async (given: ToolRun): ReturnType<RunSandbox['run']> => {
    requireRunning()
    const ended: (() => void)[] = []
    try {
      return await sandbox.run({
        ...given,
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
    } finally {
      for (const end of ended) end()
    }
  }
  return { selfTest: () => sandbox.selfTest(), run, close: () => sandbox.close() }
}
