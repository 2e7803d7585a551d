import { deepStrictEqual, equal, ok, rejects } from 'node:assert/strict'
import type { Executor } from '../../contract/executor.js'
import type { ConformanceCase } from '../conformance/conformance-case.js'
import { type RunnerTest, registerCases } from './register-cases.js'

/** Makes the executor under test; called once for each case. */
export type CreateExecutor = () => Executor | Promise<Executor>

/** What {@link executorSuite} takes. */
export interface ExecutorSuiteOptions {
  /** Declares one test: `test` of node:test, vitest or any other runner. */
  readonly test: RunnerTest
  readonly create: CreateExecutor
}

const SHELL = '/bin/sh'
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const HARMLESS = [
  '; exit 9',
  '$(exit 9)',
  '`id`',
  '-e',
  '--',
  '*',
  '~',
  'a\'b"c',
  'two\nlines',
  '',
  'ünï',
  '| cat',
  '> /dev/null',
]

/** Registers the suite of the {@link Executor} contract with a test runner. */
export function executorSuite({ test, create }: ExecutorSuiteOptions): void {
  registerCases(test, executorCases(create))
}

/**
 * What every executor holds to, for somebody without a test runner: see {@link runCases}. The cases run real programs:
 * `/bin/sh` and what POSIX puts beside it.
 */
export function executorCases(create: CreateExecutor): readonly ConformanceCase[] {
  const cases: ConformanceCase[] = []
  const add = (id: string, title: string, run: () => Promise<void>): void => {
    cases.push({ id, title, run })
  }
  const shell = async (script: string, options: Parameters<Executor['run']>[2] = {}) =>
    (await create()).run(SHELL, ['-c', script], { env: { PATH }, ...options })

  add('success', 'a program that succeeds gives exit code 0 and what it wrote', async () => {
    const { durationMs, ...result } = await shell('echo out; echo err >&2')
    deepStrictEqual(result, {
      exitCode: 0,
      signal: undefined,
      stdout: 'out\n',
      stderr: 'err\n',
      truncated: false,
      timedOut: false,
    })
    ok(durationMs >= 0)
  })

  add('failure', 'a program that fails is a result, not an error', async () => {
    const result = await shell('exit 7')
    deepStrictEqual([result.exitCode, result.signal], [7, undefined])
  })

  add('signal', 'a program that dies of a signal gives its name and no exit code', async () => {
    const result = await shell('kill -KILL $$')
    deepStrictEqual([result.exitCode, result.signal, result.timedOut], [undefined, 'SIGKILL', false])
  })

  add('arguments', 'each argument arrives as it is, whatever a shell would make of it', async () => {
    const executor = await create()
    const script = 'for argument in "$@"; do printf "%s|" "$argument"; done'
    const result = await executor.run(SHELL, ['-c', script, 'sh', ...HARMLESS], { env: { PATH } })
    equal(result.stdout, HARMLESS.map((argument) => `${argument}|`).join(''))
  })

  add('environment', 'the environment is what is given and nothing else', async () => {
    const result = await shell('env', { env: { PATH, JANUS_SUITE: 'a b' } })
    const names = result.stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')[0])
    deepStrictEqual(names.filter((name) => !['PWD', 'OLDPWD', 'SHLVL', '_'].includes(name ?? '')).sort(), [
      'JANUS_SUITE',
      'PATH',
    ])
    ok(result.stdout.includes('JANUS_SUITE=a b\n'))
  })

  add('input', 'without input a program reads end-of-file, with input it reads that', async () => {
    equal((await shell('cat')).stdout, '')
    equal((await shell('cat', { input: 'zwölf\n' })).stdout, 'zwölf\n')
  })

  add('unread-input', 'input that nobody reads is no failure', async () => {
    equal((await shell('exit 0', { input: 'x'.repeat(1 << 20) })).exitCode, 0)
  })

  add('directory', 'a program runs in the directory it is told', async () => {
    equal((await shell('pwd', { cwd: '/' })).stdout, '/\n')
  })

  add('output-limit', 'output beyond the limit is dropped, the program is not held up', async () => {
    const result = await shell('dd if=/dev/zero bs=65536 count=32 2>/dev/null | tr "\\\\0" x; echo end >&2', {
      maxOutput: 1000,
    })
    deepStrictEqual(
      [result.exitCode, result.stdout, result.stderr, result.truncated],
      [0, 'x'.repeat(1000), 'end\n', true],
    )
  })

  add('output-exactly-at-the-limit', 'output of exactly the limit is not called truncated', async () => {
    const result = await shell('printf 12345', { maxOutput: 5 })
    deepStrictEqual([result.stdout, result.truncated], ['12345', false])
  })

  add('deadline', 'a deadline ends the program and what it started', async () => {
    const result = await shell('sleep 600 & sleep 600; echo survived', { timeout: 200 })
    deepStrictEqual([result.timedOut, result.exitCode, result.stdout], [true, undefined, ''])
    ok(result.signal !== undefined)
  })

  add('deadline-without-mercy', 'a program that ignores SIGTERM is ended all the same', async () => {
    const result = await shell('trap "" TERM; echo ready; while :; do sleep 1; done', { timeout: 2_000 })
    deepStrictEqual([result.timedOut, result.signal, result.stdout], [true, 'SIGKILL', 'ready\n'])
  })

  add('cancellation', 'a cancellation is JANUS_EXECUTOR_CANCELLED, before the start and after it', async () => {
    await rejects(shell('exit 0', { signal: AbortSignal.abort() }), { code: 'JANUS_EXECUTOR_CANCELLED' })
    await rejects(shell('sleep 600', { signal: AbortSignal.timeout(200) }), { code: 'JANUS_EXECUTOR_CANCELLED' })
  })

  add('not-found', 'a program that does not exist is JANUS_EXECUTOR_NOT_FOUND', async () => {
    const executor = await create()
    const code = 'JANUS_EXECUTOR_NOT_FOUND'
    await rejects(executor.run('janus-no-such-program', [], { env: { PATH } }), { code })
    await rejects(executor.run('/nonexistent/janus-program', [], { env: { PATH } }), { code })
  })

  add('not-executable', 'a file that cannot be executed is JANUS_EXECUTOR_SPAWN_FAILED', async () => {
    await rejects((await create()).run('/etc/passwd', [], { env: { PATH } }), { code: 'JANUS_EXECUTOR_SPAWN_FAILED' })
  })

  add('nul-in-argument', 'an argument with a NUL is JANUS_EXECUTOR_SPAWN_FAILED', async () => {
    await rejects((await create()).run(SHELL, ['-c', 'a\0b'], { env: { PATH } }), {
      code: 'JANUS_EXECUTOR_SPAWN_FAILED',
    })
  })

  add('many-at-once', 'one executor runs many programs at once', async () => {
    const executor = await create()
    const numbers = Array.from({ length: 12 }, (_, n) => String(n))
    const results = await Promise.all(
      numbers.map((n) => executor.run(SHELL, ['-c', 'echo $1', 'sh', n], { env: { PATH } })),
    )
    deepStrictEqual(
      results.map(({ stdout }) => stdout.trim()),
      numbers,
    )
  })

  return cases
}
