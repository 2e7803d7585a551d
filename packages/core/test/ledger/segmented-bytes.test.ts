import { mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type LedgerRecord, openSegmentedLedger, readSegments, verifySegmentedLedger } from '../../src/ledger/index.js'

const COUNT = 50
/** The records of each group, in turn. */
const GROUPS = [1, 1, 3, 1, 2]

interface Segment {
  readonly bytes: Buffer
  /** Offsets right behind its lines. */
  readonly ends: readonly number[]
  readonly records: readonly LedgerRecord[]
}

let folder: string
let segments: Segment[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-segment-bytes-'))
  const directory = join(folder, 'original')
  const ledger = await openSegmentedLedger({ directory, rotateBytes: 5000, now: () => new Date(0) })
  for (let n = 0, turn = 0; n < COUNT; turn += 1) {
    const size = Math.min(GROUPS[turn % GROUPS.length] ?? 1, COUNT - n)
    await ledger.appendAll(Array.from({ length: size }, (_, part) => ({ type: 'ü', payload: n + part })))
    n += size
  }
  await ledger.close()
  segments = []
  for (let number = 1; ; number += 1) {
    const bytes = await readFile(path(number, directory)).catch(() => undefined)
    if (bytes === undefined) break
    const ends = [...bytes.entries()].filter(([, byte]) => byte === 10).map(([at]) => at + 1)
    const records = bytes
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as LedgerRecord)
    segments.push({ bytes, ends, records })
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('there are fifty records, in three segments, with groups in each', () => {
  expect(segments.flatMap(({ records }) => records)).toHaveLength(COUNT)
  expect(segments.length).toBeGreaterThanOrEqual(3)
  for (const { records } of segments) expect(records.filter(({ more }) => more !== undefined).length).toBeGreaterThan(2)
})

test('attack 16, a torn tail: cut at every byte, the whole records and groups before the cut are there and nothing else is', async () => {
  const directory = join(folder, 'cut')
  await layOut(directory)
  for (let number = segments.length; number >= 1; number -= 1) {
    const segment = segments[number - 1] as Segment
    const before = segments.slice(0, number - 1).reduce((sum, { records }) => sum + records.length, 0)
    const handle = await open(path(number, directory), 'r+')
    for (let length = segment.bytes.length - 1; length >= 0; length -= 1) {
      await handle.truncate(length)
      const { whole, start } = wholeBefore(segment, length)
      const found = await verifySegmentedLedger(directory)
      expect(found).toMatchObject({ intact: true, records: before + whole })
      const torn = length > start ? { segment: number, offset: start, bytes: length - start } : undefined
      expect(found.torn).toEqual(torn)
    }
    await handle.close()
    await rm(path(number, directory))
  }
}, 240_000)

test('cut at every byte of a segment before the last, it is damage where the first record is missing', async () => {
  const directory = join(folder, 'cut-before')
  await layOut(directory)
  const segment = segments[0] as Segment
  const handle = await open(path(1, directory), 'r+')
  for (let length = segment.bytes.length - 1; length >= 0; length -= 1) {
    await handle.truncate(length)
    const { whole, start } = wholeBefore(segment, length)
    const found = await verifySegmentedLedger(directory)
    expect(found).toMatchObject({ intact: false, records: whole })
    expect(found.torn).toBeUndefined()
    if (length > start || length === 0)
      expect(found.damage).toMatchObject({ segment: 1, offset: start, line: whole + 1 })
    else expect(found.damage).toMatchObject({ segment: 2, offset: 0, line: 1 })
  }
  await handle.close()
}, 240_000)

test('attack 16, garbage: every byte flipped is damage at its line, or makes the last line an unfinished one', async () => {
  const directory = join(folder, 'flip')
  await layOut(directory)
  let before = 0
  for (const [index, segment] of segments.entries()) {
    const handle = await open(path(index + 1, directory), 'r+')
    const isLast = index === segments.length - 1
    for (let at = 0; at < segment.bytes.length; at += 1) {
      const byte = segment.bytes[at] ?? 0
      await handle.write(Buffer.of(byte ^ (1 << (at % 8))), 0, 1, at)
      const line = segment.ends.filter((end) => end <= at).length
      const { whole, start } = wholeBefore(segment, segment.ends[line - 1] ?? 0)
      const found = await verifySegmentedLedger(directory)
      await handle.write(Buffer.of(byte), 0, 1, at)
      expect(found.records).toBe(before + whole)
      if (at < segment.bytes.length - 1) {
        expect(found.damage).toMatchObject({ segment: index + 1, offset: segment.ends[line - 1] ?? 0, line: line + 1 })
      } else if (isLast) {
        expect(found).toMatchObject({ intact: true, torn: { segment: index + 1, offset: start } })
      } else {
        expect(found.damage).toMatchObject({ segment: index + 1, offset: start, line: whole + 1 })
      }
    }
    before += segment.records.length
    await handle.close()
  }
  expect(await verifySegmentedLedger(directory)).toMatchObject({ intact: true, records: COUNT })
}, 240_000)

test('opened after a cut, the records before it are there, then the word of the repair', async () => {
  const [first, second] = segments as [Segment, Segment]
  const lengths = [1, 500, ...second.ends.slice(0, 9).flatMap((end) => [end - 1, end, end + 1])]
  for (const length of lengths) {
    const directory = join(folder, `opened-${length}`)
    await mkdir(directory)
    await writeFile(path(1, directory), first.bytes, { mode: 0o600 })
    await writeFile(path(2, directory), second.bytes.subarray(0, length), { mode: 0o600 })
    const { whole, start } = wholeBefore(second, length)
    const expected = [...first.records, ...second.records.slice(0, whole)]
    const seen: LedgerRecord[] = []
    const ledger = await openSegmentedLedger({ directory, onRecord: (record) => seen.push(record) })
    await ledger.append('after', {})
    await ledger.close()
    expect(seen).toEqual(expected)
    const found: LedgerRecord[] = []
    for await (const record of readSegments(directory)) found.push(record)
    expect(found.slice(0, expected.length)).toEqual(expected)
    const rest = found.slice(expected.length).map(({ type }) => type)
    expect(rest).toEqual(length > start ? ['ledger-repaired', 'after'] : ['after'])
  }
})

/** Records that stand whole in the first bytes of a segment, with their groups, and where they end. */
function wholeBefore({ ends, records }: Segment, length: number): { readonly whole: number; readonly start: number } {
  let whole = 0
  for (const [index, end] of ends.entries()) {
    if (end <= length && records[index]?.more === undefined) whole = index + 1
  }
  return { whole, start: ends[whole - 1] ?? 0 }
}

async function layOut(directory: string): Promise<void> {
  await mkdir(directory)
  for (const [index, { bytes }] of segments.entries())
    await writeFile(path(index + 1, directory), bytes, { mode: 0o600 })
}

function path(segment: number, directory: string): string {
  return join(directory, `${String(segment).padStart(6, '0')}.jsonl`)
}
