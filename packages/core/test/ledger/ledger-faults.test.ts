import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { openSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openLedger, readLedger, verifyLedger } from '../../src/ledger/index.js'
import { type FileOperations, systemFileOperations } from '../../src/state/index.js'

const run = promisify(execFile)
const program = (name: string): string => fileURLToPath(new URL(`../fixtures/programs/${name}`, import.meta.url))
const node = [process.execPath, '--import', 'tsx'] as const

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'janus-ledger-faults-'))
  path = join(directory, 'journal.jsonl')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

test('a file size limit: what was acknowledged is there, the rest is cut off, and the ledger stays failed', async () => {
  const script = 'ulimit -f 16; exec "$@"'
  const { stdout } = await run('bash', ['-c', script, 'bash', ...node, program('append-until-refused.ts'), path])
  const { acknowledged, codes } = JSON.parse(stdout) as { acknowledged: string[]; codes: string[] }
  expect(codes).toEqual(['JANUS_LEDGER_WRITE_FAILED', 'JANUS_LEDGER_WRITE_FAILED'])
  expect(acknowledged.length).toBeGreaterThan(5)
  expect(await verifyLedger(path)).toEqual({ records: acknowledged.length, lastHash: acknowledged.at(-1) })
})

const faults: readonly (readonly [string, Partial<FileOperations>])[] = [
  ['a full device', { write: (_, bytes) => systemFileOperations.write(openSync('/dev/full', 'w'), bytes) }],
  ['a short write', { write: (descriptor, bytes) => systemFileOperations.write(descriptor, bytes.subarray(0, 7)) }],
  ['a write error after bytes were written', { write: (descriptor, bytes) => writeThenFail(descriptor, bytes) }],
  [
    'a failed fsync',
    { fsync: () => Promise.reject(Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' })) },
  ],
]

test.each(faults)(
  '%s fails the append and every later one, and leaves only what was acknowledged',
  async (_, fault) => {
    let broken = false
    const calls: string[] = []
    const choose = <Name extends keyof FileOperations>(name: Name): FileOperations[Name] =>
      ((...args: never[]) => {
        if (broken) calls.push(name)
        const operation = broken ? (fault[name] ?? systemFileOperations[name]) : systemFileOperations[name]
        return (operation as (...given: never[]) => unknown)(...args)
      }) as FileOperations[Name]
    const fileOperations: FileOperations = {
      open: choose('open'),
      write: choose('write'),
      fsync: choose('fsync'),
      truncate: choose('truncate'),
      close: choose('close'),
    }
    const ledger = await openLedger({ path, fileOperations })
    const good = await ledger.append('good', {})
    broken = true
    const appends = await Promise.allSettled([ledger.append('lost', { n: 1 }), ledger.append('lost', { n: 2 })])
    broken = false
    for (const append of appends)
      expect(append).toMatchObject({ status: 'rejected', reason: { code: 'JANUS_LEDGER_WRITE_FAILED' } })
    await expect(ledger.append('late', {})).rejects.toMatchObject({ code: 'JANUS_LEDGER_WRITE_FAILED' })
    await ledger.close()
    expect(await readLedger(path)).toEqual([good])
    expect((await verifyLedger(path)).torn).toBeUndefined()
    if (fault.fsync !== undefined) expect(calls.filter((name) => name === 'fsync')).toHaveLength(1)
    const again = await openLedger({ path })
    expect(await again.append('again', {})).toMatchObject({ seq: 2, prevHash: good.hash })
    await again.close()
  },
)

test('kill -9 at any moment: every acknowledged record is there, and appending goes on', async () => {
  const acknowledged: string[] = []
  for (const enough of [1, 7, 40, 150]) {
    const child = spawn(node[0], [...node.slice(1), program('append-in-a-loop.ts'), path, String(enough)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let seen = 0
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.push(line)
      seen += 1
      if (seen === enough) child.kill('SIGKILL')
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  const hashes = new Set((await readLedger(path)).map(({ hash }) => hash))
  expect(acknowledged.filter((hash) => hash.length === 64 && !hashes.has(hash))).toEqual([])
  expect(acknowledged.length).toBeGreaterThanOrEqual(198)
  const ledger = await openLedger({ path })
  await ledger.append('after', {})
  await ledger.close()
  expect((await verifyLedger(path)).damage).toBeUndefined()
})

test('two processes never write at once: whoever finds it open waits, and one chain results', async () => {
  const count = 15
  const append = () => run(node[0], [...node.slice(1), program('append-when-free.ts'), path, String(count)])
  await Promise.all([append(), append()])
  const records = await readLedger(path)
  expect(records).toHaveLength(2 * count)
  expect(new Set(records.map(({ payload }) => (payload as { pid: number }).pid)).size).toBe(2)
})

test('verifying needs no write permission', async () => {
  const ledger = await openLedger({ path })
  await ledger.append('one', {})
  await ledger.close()
  const { chmod } = await import('node:fs/promises')
  await chmod(path, 0o444)
  const before = await readFile(path)
  expect(await verifyLedger(path)).toMatchObject({ records: 1 })
  expect((await readFile(path)).equals(before)).toBe(true)
})

async function writeThenFail(descriptor: number, bytes: Uint8Array): Promise<number> {
  await systemFileOperations.write(descriptor, bytes)
  throw Object.assign(new Error('EDQUOT: disk quota exceeded, write'), { code: 'EDQUOT' })
}
