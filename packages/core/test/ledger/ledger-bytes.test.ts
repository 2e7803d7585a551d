import { mkdtemp, open, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  type LedgerDamage,
  type LedgerRecord,
  type LedgerTorn,
  openLedger,
  readLedger,
  rewriteLedger,
  verifyLedger,
} from '../../src/ledger/index.js'
import { scanLedger } from '../../src/ledger/scan-ledger.js'

const COUNT = 50

let directory: string
let bytes: Buffer
let records: readonly LedgerRecord[]
let ends: readonly number[]

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'janus-ledger-bytes-'))
  const path = join(directory, 'original')
  const ledger = await openLedger({ path })
  const append = (_: unknown, n: number) => ledger.append('step', { ü: [n] })
  records = await Promise.all(Array.from({ length: COUNT }, append))
  await ledger.close()
  bytes = await readFile(path)
  ends = [...bytes.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1)
})
afterAll(() => rm(directory, { recursive: true, force: true }))

test('cut at every byte, the whole records before the cut are intact and nothing else is', async () => {
  const path = join(directory, 'cut')
  await writeFile(path, bytes, { mode: 0o600 })
  const handle = await open(path, 'r+')
  for (let length = bytes.length; length >= 0; length -= 1) {
    await handle.truncate(length)
    const whole = ends.filter((end) => end <= length)
    const start = whole.at(-1) ?? 0
    const found = await verdictOf(handle.fd)
    expect(found.records).toBe(whole.length)
    expect(found.damage).toBeUndefined()
    expect(found.torn).toEqual(length === start ? undefined : { offset: start, bytes: length - start })
  }
  await handle.close()
}, 120_000)

test('opened after a cut, the records before it are there, then the word of the repair', async () => {
  for (const length of [1, 100, (ends[10] ?? 0) - 1, ends[10] ?? 0, (ends[10] ?? 0) + 1, bytes.length - 1]) {
    const path = join(directory, `opened-${length}`)
    await writeFile(path, bytes.subarray(0, length), { mode: 0o600 })
    const ledger = await openLedger({ path })
    await ledger.append('after', {})
    await ledger.close()
    const whole = ends.filter((end) => end <= length).length
    const found = await readLedger(path)
    expect(found.slice(0, whole)).toEqual(records.slice(0, whole))
    const rest = found.slice(whole).map(({ type }) => type)
    expect(rest).toEqual(ends.includes(length) ? ['after'] : ['ledger-repaired', 'after'])
  }
})

test('every byte flipped is noticed: damage at its line, or an unfinished last line', async () => {
  const path = join(directory, 'flip')
  await writeFile(path, bytes, { mode: 0o600 })
  const handle = await open(path, 'r+')
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0
    await handle.write(Buffer.of(byte ^ (1 << (at % 8))), 0, 1, at)
    const line = ends.filter((end) => end <= at).length
    const found = await verdictOf(handle.fd)
    await handle.write(Buffer.of(byte), 0, 1, at)
    expect(found.records).toBe(line)
    if (at === bytes.length - 1) expect(found.torn).toBeDefined()
    else expect(found.damage?.offset).toBe(line === 0 ? 0 : ends[line - 1])
  }
  await handle.close()
}, 120_000)

test('no byte put in place of another leaves a record that was not written', async () => {
  const path = join(directory, 'byte')
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (at, byte) => {
      fc.pre(bytes[at] !== byte)
      const changed = Buffer.from(bytes)
      changed[at] = byte
      await writeFile(path, changed, { mode: 0o600 })
      const found = await verifyLedger(path)
      expect(found.records).toBe(ends.filter((end) => end <= at).length)
    }),
    { numRuns: 300 },
  )
})

test('any JSON payload comes back as it was', async () => {
  const path = join(directory, 'payloads')
  const ledger = await openLedger({ path })
  const payloads: unknown[] = []
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (payload) => {
      payloads.push(JSON.parse(JSON.stringify(payload)))
      await ledger.append('any', payload)
    }),
    { numRuns: 300 },
  )
  await ledger.close()
  expect((await readLedger(path)).map(({ payload }) => payload)).toEqual(payloads)
})

test('a rewritten ledger cut among the records it kept is damaged, not merely unfinished', async () => {
  const path = join(directory, 'rewritten')
  await writeFile(path, bytes, { mode: 0o600 })
  await rewriteLedger(path, ({ seq }) => seq % 10 === 0, { reason: 'test' })
  const text = await readFile(path)
  expect(await verifyLedger(path)).toMatchObject({ records: 6 })
  const head = text.indexOf(10) + 1
  for (let length = head; length < text.length; length += 1) {
    await truncate(path, 0)
    await writeFile(path, text.subarray(0, length), { mode: 0o600 })
    expect((await verifyLedger(path)).damage).toBeDefined()
  }
})

test('scanning holds one line at a time, whatever the size of the chunks', async () => {
  const path = join(directory, 'long')
  const ledger = await openLedger({ path })
  const long = 'x'.repeat(700 * 1024)
  for (let n = 0; n < 3; n += 1) await ledger.append('long', { n, long })
  await ledger.close()
  const handle = await open(path)
  const seen: number[] = []
  for await (const item of scanLedger(handle.fd))
    if (item.kind === 'records') seen.push(...item.records.map(({ seq }) => seq))
  await handle.close()
  expect(seen).toEqual([1, 2, 3])
})

async function verdictOf(
  descriptor: number,
): Promise<{ readonly records: number; readonly torn?: LedgerTorn; readonly damage?: LedgerDamage }> {
  let records = 0
  for await (const item of scanLedger(descriptor)) {
    if (item.kind === 'torn') return { records, torn: { offset: item.offset, bytes: item.bytes } }
    if (item.kind === 'damage') return { records, damage: item }
    records += item.records.length
  }
  return { records }
}
