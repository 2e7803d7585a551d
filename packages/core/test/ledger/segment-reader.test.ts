import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import {
  createSegmentReader,
  type LedgerPosition,
  type LedgerRecord,
  openSegmentedLedger,
  readSegments,
  verifySegmentedLedger,
} from '../../src/ledger/index.js'

let folder: string
let directory: string
let child: ChildProcess | undefined

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-reader-'))
  directory = join(folder, 'ledger')
})
afterEach(async () => {
  if (child?.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await rm(folder, { recursive: true, force: true })
})

test('beside a writer in another process everything is read once, in order, and nothing seems damaged', async () => {
  const program = fileURLToPath(new URL('../fixtures/programs/append-to-segments.ts', import.meta.url))
  child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), program, directory, 'read'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const seen: LedgerRecord[] = []
  let after: LedgerPosition | undefined
  let verifications = 0
  while (seen.length < 4000) {
    // A new reader each time: each goes on from where the one before stood.
    const reader = createSegmentReader(directory, after === undefined ? {} : { after })
    for (let reads = 0; reads < 40; reads += 1) seen.push(...(await reader.next()))
    after = reader.position
    const { intact, damage } = await verifySegmentedLedger(directory)
    expect({ intact, damage }).toEqual({ intact: true, damage: undefined })
    verifications += 1
    await delay(1)
  }
  child.kill('SIGKILL')
  await once(child, 'exit')
  await (await openSegmentedLedger({ directory })).close()
  const all: LedgerRecord[] = []
  for await (const record of readSegments(directory)) all.push(record)
  expect(seen).toEqual(all.slice(0, seen.length))
  expect(new Set(seen.map(({ more }) => more))).toEqual(new Set([undefined, 1, 2, 3]))
  expect(after?.segment).toBeGreaterThan(50)
  expect(verifications).toBeGreaterThan(1)
})

test('a segment that is missing is not taken for the end', async () => {
  const ledger = await openSegmentedLedger({ directory, rotateBytes: 1000 })
  for (let n = 0; n < 12; n += 1) await ledger.append('tick', { n })
  await ledger.close()
  await rm(join(directory, '000002.jsonl'))
  const reader = createSegmentReader(directory)
  const [last] = (await reader.next()).slice(-1)
  await expect(reader.next()).rejects.toMatchObject({ code: 'JANUS_LEDGER_DAMAGED', data: { segment: 3, line: 1 } })
  expect(reader.position?.seq).toBe(last?.seq)
})

test('a group larger than what is read at once is read whole', async () => {
  const ledger = await openSegmentedLedger({ directory })
  await ledger.append('before', {})
  const reader = createSegmentReader(directory)
  await reader.next()
  const group = Array.from({ length: 40 }, (_, n) => ({ type: 'part', payload: `${n}${'x'.repeat(50_000)}` }))
  const records = await ledger.appendAll(group)
  expect(await reader.next()).toEqual(records)
  expect(await reader.next()).toEqual([])
  await ledger.append('after', {})
  expect(await reader.next()).toMatchObject([{ type: 'after', seq: 42 }])
  await ledger.close()
  expect(reader.position).toMatchObject({ segment: 1, line: 42, seq: 42 })
})
