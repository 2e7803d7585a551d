import type { Executor, RunOptions, RunResult } from '../contract/executor.js'
import { janusError } from '../errors/janus-error.js'

/** One call that a {@link ScriptedExecutor} was asked for. */
export interface ExecutorCall {
  readonly command: string
  readonly args: readonly string[]
  readonly options: RunOptions
}

/** A call that is expected, and what comes of it. */
export interface ScriptedCall {
  /** The whole name, or a pattern. */
  readonly command: string | RegExp
  /** Each argument or a pattern for it, and no more than these; or a test of all. Default: any arguments. */
  readonly args?: readonly (string | RegExp)[] | ((args: readonly string[]) => boolean)
  /** What differs from a silent exit 0; or a function of the call, which may throw. */
  readonly result?: Partial<RunResult> | ((call: ExecutorCall) => Partial<RunResult> | Promise<Partial<RunResult>>)
  /** How often it may be used. Default: any number of times. */
  readonly times?: number
}

/** An executor that starts no process: it answers from a script. */
export interface ScriptedExecutor extends Executor {
  /** What it was asked for, in order, the refused calls included. */
  readonly calls: readonly ExecutorCall[]
  /** Entries of the script that were never used. */
  unused(): readonly ScriptedCall[]
}

/**
 * Makes an executor that answers from a script; the first entry that fits and is not used up wins. A call that no entry
 * fits is refused with JANUS_EXECUTOR_UNSCRIPTED.
 */
export function createScriptedExecutor(script: readonly ScriptedCall[]): ScriptedExecutor {
  const calls: ExecutorCall[] = []
  const uses = new Map<ScriptedCall, number>()
  return {
    calls,
    unused: () => script.filter((entry) => !uses.has(entry)),
    async run(command, args, options = {}) {
      const call: ExecutorCall = { command, args: [...args], options }
      calls.push(call)
      if (options.signal?.aborted)
        throw janusError('JANUS_EXECUTOR_CANCELLED', `${command} was cancelled before it started`)
      const entry = script.find(
        (candidate) => fits(candidate, call) && (uses.get(candidate) ?? 0) < (candidate.times ?? Infinity),
      )
      if (entry === undefined) throw unscripted(call)
      uses.set(entry, (uses.get(entry) ?? 0) + 1)
      const result = typeof entry.result === 'function' ? await entry.result(call) : entry.result
      return { ...silentSuccess(), ...(result?.signal === undefined ? {} : { exitCode: undefined }), ...result }
    },
  }
}

function fits({ command, args }: ScriptedCall, call: ExecutorCall): boolean {
  if (!fitsText(command, call.command)) return false
  if (args === undefined) return true
  if (typeof args === 'function') return args(call.args)
  return args.length === call.args.length && args.every((expected, index) => fitsText(expected, call.args[index] ?? ''))
}

function fitsText(expected: string | RegExp, text: string): boolean {
  return typeof expected === 'string'
    ? expected === text
    : new RegExp(expected.source, expected.flags.replace(/[gy]/g, '')).test(text)
}

function silentSuccess(): RunResult {
  return { exitCode: 0, signal: undefined, stdout: '', stderr: '', durationMs: 0, truncated: false, timedOut: false }
}

function unscripted({ command, args }: ExecutorCall): Error {
  const words = [command, ...args].map((word) => JSON.stringify(word)).join(' ')
  return janusError('JANUS_EXECUTOR_UNSCRIPTED', `nothing in the script fits ${words}`, { data: { command, args } })
}
