import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, copyFile, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isProcessAlive, parseProcessStat, readProcessIdentity } from '../../src/state/index.js'

test('this process is alive, and another start time means another process', async () => {
  const identity = await readProcessIdentity(process.pid)
  expect(identity?.pid).toBe(process.pid)
  expect(await isProcessAlive({ pid: process.pid, startTime: identity?.startTime ?? '' })).toBe(true)
  expect(await isProcessAlive({ pid: process.pid, startTime: '1' })).toBe(false)
})

test('impossible and unused process ids are nobody', async () => {
  for (const pid of [0, -1, 1.5, Number.NaN, 2 ** 31]) expect(await readProcessIdentity(pid)).toBeUndefined()
})

test('a process may be called anything', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'janus-name-'))
  const program = join(directory, 'a) R 1 (b')
  await copyFile('/bin/sleep', program)
  await chmod(program, 0o755)
  const child = spawn(program, ['60'], { stdio: 'ignore' })
  await once(child, 'spawn')
  const identity = await readProcessIdentity(child.pid ?? 0)
  const own = await readProcessIdentity(process.pid)
  expect(Number(identity?.startTime)).toBeGreaterThanOrEqual(Number(own?.startTime))
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(await isProcessAlive({ pid: child.pid ?? 0, startTime: identity?.startTime ?? '' })).toBe(false)
  await rm(directory, { recursive: true })
})

test('a process that has ended and was not reaped counts as gone', async () => {
  // The shell starts a child, then becomes a program that never waits for it.
  const child = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  const pid = Number(line.toString().trim())
  let text = ''
  while (!text.includes(') Z ')) text = await readFile(`/proc/${pid}/stat`, 'utf8')
  expect(await readProcessIdentity(pid)).toBeUndefined()
  child.kill('SIGKILL')
  await once(child, 'exit')
})

test('any text is read without an exception, and any name is seen through', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseProcessStat(text)))
  const rest = `S ${Array.from({ length: 18 }, (_, n) => n).join(' ')} 4711 0 0`
  fc.assert(
    fc.property(fc.string(), (name) => {
      expect(parseProcessStat(`12 (${name}) ${rest}\n`)).toEqual({ pid: 12, startTime: '4711' })
    }),
  )
})
