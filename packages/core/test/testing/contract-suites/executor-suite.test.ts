import { describe, expect, it, test } from 'vitest'
import type { Executor, RunOptions, RunResult } from '../../../src/contract/executor.js'
import { createLocalExecutor } from '../../../src/executor/index.js'
import { createScriptedExecutor, executorCases, executorSuite } from '../../../src/testing/index.js'
import { failuresOf } from './failures-of.js'

const local = createLocalExecutor()

describe('a scripted executor whose script runs the programs', () => {
  executorSuite({
    test,
    create: () =>
      createScriptedExecutor([
        { command: /^/, result: ({ command, args, options }) => local.run(command, args, options) },
      ]),
  })
})

type Run = (command: string, args: readonly string[], options: RunOptions) => Promise<RunResult>

/** Executors with one flaw, by the case that it breaks. */
const flaws: Readonly<Record<string, Run>> = {
  arguments: (command, args, options) =>
    local.run(
      command,
      args.filter((argument) => argument !== ''),
      options,
    ),
  failure: async (command, args, options) => {
    const result = await local.run(command, args, options)
    if (result.exitCode !== undefined && result.exitCode > 0) throw new Error(`${command} failed`)
    return result
  },
  environment: (command, args, options) => local.run(command, args, { ...options, env: { ...options.env, TERM: 'x' } }),
  directory: (command, args, { cwd: _, ...options }) => local.run(command, args, { ...options, cwd: '/tmp' }),
  'output-limit': (command, args, { maxOutput: _, ...options }) => local.run(command, args, options),
  'output-exactly-at-the-limit': async (command, args, options) => {
    const result = await local.run(command, args, options)
    return { ...result, truncated: result.stdout.length >= (options.maxOutput ?? Infinity) }
  },
  signal: async (command, args, options) => {
    const result = await local.run(command, args, options)
    return result.signal === 'SIGKILL' && !result.timedOut ? { ...result, exitCode: 137, signal: undefined } : result
  },
  cancellation: (command, args, options) =>
    local.run(command, args, options).catch((error: { readonly code?: string }) => {
      throw error.code === 'JANUS_EXECUTOR_CANCELLED' ? new DOMException('aborted', 'AbortError') : error
    }),
  'not-found': (command, args, options) =>
    local.run(command, args, options).catch((error: { readonly code?: string }) => {
      throw error.code === 'JANUS_EXECUTOR_NOT_FOUND' ? new Error(`spawn ${command} ENOENT`) : error
    }),
}

describe('the executor suite', () => {
  it.concurrent.each(Object.entries(flaws))(
    'finds exactly what is wrong with an executor that breaks %s',
    async (id, run) => {
      const executor: Executor = { run: (command, args, options = {}) => run(command, args, options) }
      expect(await failuresOf(executorCases(() => executor))).toEqual([id])
    },
  )
})
