import type { Executor, RunOptions, RunResult } from '../contract/executor.js'

/** One call that a {@link RecordingExecutor} passed on, and what came of it. */
export interface RecordedCall {
  readonly command: string
  readonly args: readonly string[]
  readonly options: Omit<RunOptions, 'signal'>
  /** Absent while it runs, and when it threw. */
  readonly result?: RunResult
  readonly error?: unknown
}

/** An executor that remembers what it was asked for. */
export interface RecordingExecutor extends Executor {
  /** In the order in which the calls were made. */
  readonly calls: readonly RecordedCall[]
}

const SILENT_SUCCESS: RunResult = Object.freeze({
  exitCode: 0,
  signal: undefined,
  stdout: '',
  stderr: '',
  durationMs: 0,
  truncated: false,
  timedOut: false,
})

/**
 * Makes an executor that records each call.
 * @param inner who runs the programs; without one nothing is run and every call is a silent success
 */
export function createRecordingExecutor(inner?: Executor): RecordingExecutor {
  const calls: RecordedCall[] = []
  return {
    calls,
    run: async (command, args, options = {}) => {
      const { signal: _, ...recorded } = options
      const call = { command, args: [...args], options: recorded }
      const index = calls.push(call) - 1
      try {
        const result = inner === undefined ? SILENT_SUCCESS : await inner.run(command, args, options)
        calls[index] = { ...call, result }
        return result
      } catch (error) {
        calls[index] = { ...call, error }
        throw error
      }
    },
  }
}
