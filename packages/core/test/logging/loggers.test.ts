import { execFile } from 'node:child_process'
import { lstat, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { combineLoggers, createFileLogger, createNullLogger, createStderrLogger } from '../../src/logging/index.js'

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'janus-log-'))
  path = join(directory, 'logs', 'janus.log')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

test('a file logger that was never used creates nothing', async () => {
  const logger = createFileLogger({ path })
  logger.child({ module: 'gpu-vfio' })
  await logger.close()
  expect(await readdir(directory)).toEqual([])
})

test('lines are JSON with time, level, message and redacted fields, in order, for the owner alone', async () => {
  const logger = createFileLogger({ path, now: () => new Date('2024-05-06T07:08:09.010Z') })
  logger.info('first')
  const child = logger.child({ module: 'gpu-vfio' })
  child.warn('two\nlines \u001b[31m', { password: 's3cret', level: 'forged', step: 3 })
  for (let n = 0; n < 100; n += 1) logger.debug(`n ${n}`)
  await logger.close()
  logger.error('late')
  await logger.close()
  const text = await readFile(path, 'utf8')
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown)
  expect(lines).toHaveLength(102)
  expect(lines[0]).toEqual({ level: 'info', time: '2024-05-06T07:08:09.010Z', message: 'first' })
  expect(lines[1]).toEqual({
    level: 'warn',
    time: '2024-05-06T07:08:09.010Z',
    message: 'two\nlines \u001b[31m',
    fields: { module: 'gpu-vfio', password: '[redacted]', level: 'forged', step: 3 },
  })
  expect(lines[101]).toMatchObject({ message: 'n 99' })
  expect(text).not.toContain('\u001b')
  expect((await lstat(path)).mode & 0o7777).toBe(0o600)
  expect((await lstat(join(directory, 'logs'))).mode & 0o7777).toBe(0o700)
})

test('a second logger appends', async () => {
  for (const message of ['one', 'two']) {
    const logger = createFileLogger({ path, level: 'info' })
    logger.debug('hidden')
    logger.info(message)
    await logger.close()
  }
  expect((await readFile(path, 'utf8')).match(/"message":"\w+"/g)).toEqual(['"message":"one"', '"message":"two"'])
})

test('a link in the place of the log is not followed; it is told once and the work goes on', async () => {
  const victim = join(directory, 'victim')
  await writeFile(victim, 'precious')
  await symlink(victim, join(directory, 'log'))
  const errors: unknown[] = []
  const logger = createFileLogger({ path: join(directory, 'log'), onError: (error) => errors.push(error) })
  logger.info('one')
  logger.info('two')
  await logger.close()
  expect(errors).toMatchObject([{ code: 'JANUS_STATE_UNSAFE' }])
  expect(await readFile(victim, 'utf8')).toBe('precious')
})

test('a full file system is told once and ends neither the process nor its work', async () => {
  const program = fileURLToPath(new URL('../fixtures/programs/log-until-full.ts', import.meta.url))
  const args = ['-c', 'ulimit -f 8; exec "$@"', 'bash', process.execPath, '--import', 'tsx', program, path]
  const { stdout } = await promisify(execFile)('bash', args)
  expect(JSON.parse(stdout)).toEqual(['EFBIG'])
})

test('stderr lines show level and message; debug and fields only when verbose', () => {
  const quiet: string[] = []
  const logger = createStderrLogger({ write: (line) => quiet.push(line), verbose: false, color: false })
  logger.debug('hidden')
  logger.info('hello', { a: 1 })
  expect(quiet).toEqual(['[info] hello\n'])
  const loud: string[] = []
  const verbose = createStderrLogger({ write: (line) => loud.push(line), verbose: true, color: true })
  verbose.child({ module: 'm' }).debug('seen', { token: 'x' })
  expect(loud).toEqual(['\u001b[90m[debug]\u001b[0m seen {"module":"m","token":"[redacted]"}\n'])
})

test('one call is one line without control characters, whatever it is given', () => {
  const lines: string[] = []
  const logger = createStderrLogger({ write: (line) => lines.push(line), verbose: true, color: false })
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (message, value) => {
      lines.length = 0
      logger.warn(message, { [value]: value })
      expect(lines).toHaveLength(1)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(lines[0]).toMatch(/^[^\u0000-\u001f\u007f-\u009f]*\n$/)
    }),
  )
})

test('a combined logger speaks to all, a null logger to nobody', () => {
  const lines: string[] = []
  const one = createStderrLogger({ write: (line) => lines.push(`1${line}`), verbose: true, color: false })
  const two = createStderrLogger({ write: (line) => lines.push(`2${line}`), verbose: true, color: false })
  combineLoggers(one, createNullLogger(), two.child({ b: 2 }))
    .child({ a: 1 })
    .error('x')
  expect(lines).toEqual(['1[error] x {"a":1}\n', '2[error] x {"b":2,"a":1}\n'])
})
