import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLocalExecutor, createRecordingExecutor } from '../../src/executor/index.js'
import { readProcessIdentity } from '../../src/state/index.js'
import { executorSuite } from '../../src/testing/index.js'

const env = { PATH: '/usr/bin:/bin' }
const program = (name: string): string => fileURLToPath(new URL(`../fixtures/programs/${name}`, import.meta.url))

describe('local executor', () => executorSuite({ test, create: createLocalExecutor }))
describe('recording executor', () =>
  executorSuite({ test, create: () => createRecordingExecutor(createLocalExecutor()) }))

test('a daemon that a program leaves behind is not waited for and not ended', async () => {
  const result = await createLocalExecutor().run(program('leave-a-daemon.sh'), [], { env })
  expect(result).toMatchObject({ exitCode: 0, timedOut: false })
  const daemon = Number(result.stdout)
  expect(await readProcessIdentity(daemon)).toBeDefined()
  process.kill(daemon, 'SIGKILL')
})

test('a grandchild that left the group does not hold up a run that is over', async () => {
  const result = await createLocalExecutor().run(program('escape-group.sh'), [], { env, timeout: 500 })
  expect(result).toMatchObject({ timedOut: true, signal: 'SIGTERM' })
  process.kill(Number(result.stdout), 'SIGKILL')
})

test('a member of the group that ignores SIGTERM does not survive a deadline', async () => {
  const result = await createLocalExecutor().run(program('hang-on-term.sh'), [], { env, timeout: 500 })
  expect(result).toMatchObject({ timedOut: true, signal: 'SIGTERM' })
  const survivor = Number(result.stdout)
  expect(survivor).toBeGreaterThan(1)
  await gone(survivor)
})

test('when this process ends, what it was running ends too', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'janus-executor-'))
  const file = join(directory, 'pid')
  await promisify(execFile)(process.execPath, ['--import', 'tsx', program('run-and-leave.ts'), file])
  await gone(Number(await readFile(file, 'utf8')))
  await rm(directory, { recursive: true })
})

test('nothing is left behind on this process after a run', async () => {
  const before = process.listenerCount('exit')
  const controller = new AbortController()
  await createLocalExecutor().run('true', [], { env, timeout: 60_000, signal: controller.signal })
  expect(process.listenerCount('exit')).toBe(before)
})

test('a missing directory and a missing interpreter are not called a missing program', async () => {
  const executor = createLocalExecutor()
  const code = 'JANUS_EXECUTOR_SPAWN_FAILED'
  await expect(executor.run('true', [], { env, cwd: '/nonexistent' })).rejects.toMatchObject({ code })
  const directory = await mkdtemp(join(tmpdir(), 'janus-executor-'))
  const script = join(directory, 'script')
  await writeFile(script, '#!/nonexistent/interpreter\n', { mode: 0o755 })
  await expect(executor.run(script, [], { env })).rejects.toMatchObject({ code })
  await rm(directory, { recursive: true })
})

test('any argument without a NUL arrives byte for byte', async () => {
  const executor = createLocalExecutor()
  const argument = fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', ''))
  await fc.assert(
    fc.asyncProperty(fc.array(argument, { minLength: 1, maxLength: 40 }), async (args) => {
      const { stdout } = await executor.run('printf', ['%s\\0', ...args], { env: { ...env, LC_ALL: 'C' } })
      expect(stdout).toBe(args.map((text) => `${text}\0`).join(''))
    }),
    { numRuns: 25 },
  )
})

test('a recording executor without an inner one runs nothing', async () => {
  const executor = createRecordingExecutor()
  expect(await executor.run('rm', ['-rf', '/nonexistent'], { timeout: 5 })).toMatchObject({ exitCode: 0, stdout: '' })
  expect(executor.calls).toMatchObject([{ command: 'rm', args: ['-rf', '/nonexistent'], options: { timeout: 5 } }])
})

test('a recording executor keeps results and errors in the order of the calls', async () => {
  const executor = createRecordingExecutor(createLocalExecutor())
  await Promise.allSettled([
    executor.run('sleep', ['0.1'], { env }),
    executor.run('janus-no-such-program', [], { env }),
  ])
  expect(executor.calls).toMatchObject([{ result: { exitCode: 0 } }, { error: { code: 'JANUS_EXECUTOR_NOT_FOUND' } }])
})

async function gone(pid: number): Promise<void> {
  while ((await readProcessIdentity(pid)) !== undefined) await new Promise((resolve) => setTimeout(resolve, 10))
}
