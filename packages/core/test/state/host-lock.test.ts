import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { acquireHostLock } from '../../src/state/index.js'

interface Racer {
  readonly child: ChildProcessByStdio<null, Readable, null>
  readonly answer: { readonly value?: { readonly pid: number }; readonly code?: string; readonly message?: string }
}

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'janus-lock-'))
  path = join(directory, 'lock')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

test('the lock is taken once, names its holder, and is free after release', async () => {
  const lock = await acquireHostLock(path, { purpose: 'apply gpu-vfio' })
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual(lock.holder)
  expect(lock.holder).toMatchObject({
    pid: process.pid,
    purpose: 'apply gpu-vfio',
    startTime: expect.stringMatching(/^\d+$/),
  })
  await expect(acquireHostLock(path, { purpose: 'other' })).rejects.toMatchObject({
    code: 'JANUS_STATE_LOCKED',
    message: expect.stringContaining(`process ${process.pid} (apply gpu-vfio`),
  })
  await lock.release()
  await lock.release()
  expect(await readFile(path, 'utf8')).toBe('')
  await (await acquireHostLock(path, { purpose: 'again' })).release()
})

test('a lock file left by a process that is gone is no lock', async () => {
  await writeFile(path, JSON.stringify({ pid: 1, startTime: '1', purpose: 'ghost', since: '2020' }), { mode: 0o600 })
  const lock = await acquireHostLock(path, { purpose: 'apply' })
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ purpose: 'apply' })
  await lock.release()
})

test('a link in the place of the lock file is refused', async () => {
  await writeFile(join(directory, 'victim'), 'precious')
  await symlink('victim', path)
  await expect(acquireHostLock(path, { purpose: 'apply' })).rejects.toMatchObject({ code: 'JANUS_STATE_UNSAFE' })
  expect(await readFile(join(directory, 'victim'), 'utf8')).toBe('precious')
})

test('children do not keep the lock', async () => {
  const lock = await acquireHostLock(path, { purpose: 'apply' })
  const child = spawn('sleep', ['60'], { stdio: 'ignore' })
  await lock.release()
  await (await acquireHostLock(path, { purpose: 'next' })).release()
  child.kill()
  await once(child, 'exit')
})

test('of twelve processes one gets it, and kill -9 of that one frees it', async () => {
  const racers = await Promise.all(Array.from({ length: 12 }, (_, n) => race(`racer ${n}`)))
  const winners = racers.filter(({ answer }) => answer.value !== undefined)
  expect(winners).toHaveLength(1)
  const losers = racers.filter(({ answer }) => answer.code === 'JANUS_STATE_LOCKED')
  expect(losers).toHaveLength(11)
  await expect(acquireHostLock(path, { purpose: 'test' })).rejects.toMatchObject({
    code: 'JANUS_STATE_LOCKED',
    data: { holder: { pid: winners[0]?.answer.value?.pid } },
  })
  for (const { child } of winners) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await (await acquireHostLock(path, { purpose: 'test' })).release()
}, 60_000)

async function race(purpose: string): Promise<Racer> {
  const program = fileURLToPath(new URL('../fixtures/programs/as-user.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', 'tsx', program, purpose, path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string]
  return { child, answer: JSON.parse(line) as Racer['answer'] }
}
