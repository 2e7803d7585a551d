import { appendFile, chmod, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  canonicalDigest,
  canonicalJson,
  createSegmentReader,
  GENESIS_HASH,
  type LedgerRecord,
  type OpenSegmentedLedgerOptions,
  openLedger,
  openSegmentedLedger,
  readLedger,
  readSegments,
  verifySegmentedLedger,
} from '../../src/ledger/index.js'

let folder: string
let directory: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-segments-'))
  directory = join(folder, 'ledger')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('a ledger in segments', () => {
  test('is one chain and one sequence through all files, each of them readable as the lines of any ledger', async () => {
    const records = await fill(20, { rotateBytes: 1500 })
    const names = (await readdir(directory)).filter((name) => name.endsWith('.jsonl'))
    expect(names.length).toBeGreaterThan(3)
    expect(names).toEqual(names.map((_, index) => `${String(index + 1).padStart(6, '0')}.jsonl`))
    expect(records.map(({ seq }) => seq)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1))
    for (const [index, record] of records.entries()) {
      expect(record.prevHash).toBe(records[index - 1]?.hash ?? '0'.repeat(64))
    }
    const lines = (await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))).join('')
    expect(
      lines
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(records)
    expect(await collected()).toEqual(records)
    expect(await verifySegmentedLedger(directory)).toEqual({
      intact: true,
      records: 20,
      firstSeq: 1,
      lastSeq: 20,
      lastHash: records[19]?.hash,
      segments: names.length,
      expirations: [],
    })
    // The first segment is a ledger of its own, in the format of the journal.
    expect(await readLedger(join(directory, '000001.jsonl'))).toEqual(records.slice(0, (await linesIn(1)).length))
  })

  test('goes on where the last process ended, also behind an empty last segment', async () => {
    const before = await fill(7, { rotateBytes: 1000 })
    const next = (await readdir(directory)).filter((name) => name.endsWith('.jsonl')).length + 1
    await writeFile(segment(next), '', { mode: 0o600 })
    expect(await verifySegmentedLedger(directory)).toMatchObject({ records: 7, segments: next })
    const ledger = await openSegmentedLedger({ directory, rotateBytes: 1000 })
    expect(ledger).toMatchObject({ firstSeq: 1, lastSeq: 7, durableHead: { seq: 7, hash: before[6]?.hash } })
    const record = await ledger.append('tick', { n: 7 })
    await ledger.close()
    expect(record).toMatchObject({ seq: 8, prevHash: before[6]?.hash })
    expect(await linesIn(next)).toHaveLength(1)
    expect(await collected()).toEqual([...before, record])
  })

  test('hands every record to its opener in the one pass that verifies', async () => {
    const records = await fill(9, { rotateBytes: 1000 })
    const seen: LedgerRecord[] = []
    await (await openSegmentedLedger({ directory, onRecord: (record) => seen.push(record) })).close()
    expect(seen).toEqual(records)
  })

  test('is open in one place only; whoever finds it open is told by whom', async () => {
    const ledger = await openSegmentedLedger({ directory, purpose: 'agent' })
    const refused = openSegmentedLedger({ directory })
    await expect(refused).rejects.toMatchObject({
      code: 'JANUS_STATE_LOCKED',
      message: expect.stringMatching(new RegExp(`^process ${process.pid} \\(agent, since .*\\) has the ledger open$`)),
      data: { holder: { pid: process.pid, purpose: 'agent' } },
    })
    await ledger.close()
    await ledger.close()
    await (await openSegmentedLedger({ directory })).close()
  })

  test('after close nothing can be appended', async () => {
    const ledger = await openSegmentedLedger({ directory })
    const last = ledger.append('last', {})
    await ledger.close()
    expect(await last).toMatchObject({ seq: 1 })
    await expect(ledger.append('late', {})).rejects.toMatchObject({ code: 'JANUS_LEDGER_WRITE_FAILED' })
  })

  test('refuses types of its own, what is not JSON, and what is too long, and goes on', async () => {
    const ledger = await openSegmentedLedger({ directory })
    for (const payload of [undefined, Number.NaN, 10n, 'x'.repeat(17 << 20)]) {
      await expect(ledger.append('bad', payload)).rejects.toMatchObject({ code: 'JANUS_INTERNAL' })
    }
    const half = 'x'.repeat(9 << 20)
    for (const records of [
      [{ type: 'ledger-expired', payload: {} }],
      [
        { type: 'good', payload: 1 },
        { type: 'bad', payload: undefined },
      ],
      [
        { type: 'half', payload: half },
        { type: 'half', payload: half },
      ],
    ]) {
      await expect(ledger.appendAll(records)).rejects.toMatchObject({ code: 'JANUS_INTERNAL' })
    }
    expect(await ledger.append('good', {})).toMatchObject({ seq: 1 })
    await ledger.close()
    expect(await collected()).toHaveLength(1)
  })

  test('links, loose modes and directories of others are refused', async () => {
    await fill(3)
    await chmod(segment(1), 0o666)
    await refused('JANUS_STATE_UNSAFE')
    await chmod(segment(1), 0o600)
    await chmod(directory, 0o777)
    await expect(openSegmentedLedger({ directory })).rejects.toMatchObject({ code: 'JANUS_STATE_UNSAFE' })
    await chmod(directory, 0o750)
    await rm(segment(1))
    await symlink('/etc/hostname', segment(1))
    await refused('JANUS_STATE_UNSAFE')
  })

  test('an absent directory has no records, and reading creates nothing', async () => {
    expect(await collected()).toEqual([])
    expect(await verifySegmentedLedger(directory)).toMatchObject({ records: 0, lastSeq: 0, lastHash: '0'.repeat(64) })
    expect(await readdir(folder)).toEqual([])
  })
})

describe('records appended together', () => {
  test('are there together, each on a line of its own, never divided by a new segment', async () => {
    const ledger = await openSegmentedLedger({ directory, rotateBytes: 1000 })
    const groups = await Promise.all(
      [1, 4, 2, 9, 1, 3].map((size) =>
        ledger.appendAll(Array.from({ length: size }, (_, n) => ({ type: 'part', payload: { n, size } }))),
      ),
    )
    expect(await ledger.appendAll([])).toEqual([])
    await ledger.close()
    const records = groups.flat()
    expect(records.map(({ more }) => more ?? 0)).toEqual([0, 3, 2, 1, 0, 1, 0, 8, 7, 6, 5, 4, 3, 2, 1, 0, 0, 2, 1, 0])
    expect(await collected()).toEqual(records)
    for (const name of (await readdir(directory)).filter((each) => each.endsWith('.jsonl'))) {
      const last = (await readFile(join(directory, name), 'utf8')).trimEnd().split('\n').at(-1) ?? ''
      expect(JSON.parse(last)).not.toHaveProperty('more')
    }
  })

  test('cut anywhere, all of them are gone and kept aside', async () => {
    const before = await fill(2)
    const ledger = await openSegmentedLedger({ directory })
    await ledger.appendAll([1, 2, 3].map((n) => ({ type: 'part', payload: n })))
    await ledger.close()
    const bytes = await readFile(segment(1))
    const start = before.map((record) => `${JSON.stringify(record)}\n`).join('').length
    for (let length = bytes.length - 1; length > start; length -= 1) {
      await truncate(segment(1), length)
      const torn = { segment: 1, offset: start, bytes: length - start }
      const found = await verifySegmentedLedger(directory)
      expect(found).toMatchObject({ records: 2, torn })
      expect(found.damage).toBeUndefined()
      if (length % 97 !== 0) continue
      expect(await collected()).toEqual(before)
    }
    await writeFile(segment(1), bytes.subarray(0, bytes.length - 5))
    const seen: string[] = []
    const again = await openSegmentedLedger({ directory, onRecord: ({ type }) => seen.push(type) })
    await again.close()
    expect(seen).toEqual(['tick', 'tick'])
    const repaired = (await collected()).at(-1)
    expect(repaired).toMatchObject({ seq: 3, type: 'ledger-repaired', payload: { segment: 1, offset: start } })
    expect(await readFile(join(directory, keptAsIn(repaired)))).toEqual(bytes.subarray(start, bytes.length - 5))
  })

  test('torn before a later record, they are damage', async () => {
    const ledger = await openSegmentedLedger({ directory })
    await ledger.appendAll([1, 2, 3].map((n) => ({ type: 'part', payload: n })))
    await ledger.append('after', {})
    await ledger.close()
    const [first, , third, after] = await linesIn(1)
    await writeFile(segment(1), `${first}\n${third}\n${after}\n`)
    expect((await verifySegmentedLedger(directory)).damage).toMatchObject({ segment: 1, line: 2 })
    await refused('JANUS_LEDGER_DAMAGED')
  })

  test('are of no use to a ledger in one file', async () => {
    const ledger = await openSegmentedLedger({ directory })
    await ledger.appendAll([1, 2].map((n) => ({ type: 'part', payload: n })))
    await ledger.close()
    await expect(openLedger({ path: segment(1) })).rejects.toMatchObject({ code: 'JANUS_LEDGER_DAMAGED' })
  })

  test('come only when nothing came in between, if that is asked', async () => {
    const ledger = await openSegmentedLedger({ directory })
    const attempts = await Promise.allSettled(
      Array.from({ length: 5 }, (_, by) => ledger.compareAndAppend(0, [{ type: 'decision', payload: { by } }])),
    )
    expect(attempts.map(({ status }) => status)).toEqual(['fulfilled', ...Array(4).fill('rejected')])
    for (const attempt of attempts.slice(1)) {
      expect(attempt).toMatchObject({ reason: { code: 'JANUS_LEDGER_CONFLICT', data: { expected: 0, actual: 1 } } })
    }
    const both = [1, 2].map((n) => ({ type: 'part', payload: n }))
    expect(await ledger.compareAndAppend(1, both)).toMatchObject([{ seq: 2 }, { seq: 3 }])
    await ledger.close()
    expect(await collected()).toHaveLength(3)
  })
})

describe('attack 16, garbage: what does not belong in a ledger in segments', () => {
  const harms: readonly (readonly [string, () => Promise<unknown>, object])[] = [
    ['a segment missing in the middle', () => rm(segment(2)), { segment: 2 }],
    ['the first segment missing', () => rm(segment(1)), { segment: 1, reason: expect.stringContaining('expired') }],
    [
      'a segment emptied in the middle',
      () => truncate(segment(2)),
      { segment: 2, reason: expect.stringContaining('empty') },
    ],
    ['an unfinished line before the last segment', () => appendFile(segment(2), '{"ha'), { segment: 2 }],
    ['a segment cut at a line before the last one', async () => cutLastLine(2), { segment: 3, line: 1, offset: 0 }],
    ['a record glued to an unfinished one', () => replaceIn(2, /^/, '{"hash":"12'), { segment: 2, line: 1 }],
    ['a record changed', () => replaceIn(1, '"n":1', '"n":7'), { segment: 1, line: 2 }],
    ['a segment twice', async () => writeFile(segment(3), await readFile(segment(2))), { segment: 3, line: 1 }],
    ['a byte order mark', () => replaceIn(2, /^/, '\ufeff'), { segment: 2, line: 1 }],
    ['CRLF', () => replaceIn(2, /\n/g, '\r\n'), { segment: 2, line: 1 }],
    [
      'UTF-16',
      async () => writeFile(segment(2), await readFile(segment(2), 'utf8'), 'utf16le'),
      { segment: 2, line: 1 },
    ],
    ['a run of NUL', () => replaceIn(1, /\n/, `\n${'\0'.repeat(4096)}`), { segment: 1, line: 2 }],
    ['invalid UTF-8', () => appendFile(segment(1), Buffer.from([0x7b, 0xff, 0x7d, 0x0a])), { segment: 1 }],
  ]

  test.each(harms)('%s is damage, told with its place, and nothing is touched', async (_, harm, place) => {
    await fill(12, { rotateBytes: 1000 })
    await harm()
    const before = await contents()
    expect((await verifySegmentedLedger(directory)).damage).toMatchObject(place)
    await expect(openSegmentedLedger({ directory })).rejects.toMatchObject({
      code: 'JANUS_LEDGER_DAMAGED',
      data: place,
    })
    expect(await contents()).toEqual(before)
  })

  test.each([
    ['another record follows', [2, undefined], 2],
    ['one of its records is left out', [3, 1, undefined], 2],
    ['another group follows', [1, 1, undefined], 2],
    ['more follow than it said', [1, 2, 1, undefined], 2],
  ] as const)('a group that is not whole, because %s, is damage', async (_, mores, line) => {
    await fill(1)
    let head = { seq: 0, hash: GENESIS_HASH }
    let lines = ''
    for (const more of mores) {
      const fields = {
        seq: head.seq + 1,
        ts: '2025-01-01T00:00:00.000Z',
        type: 'part',
        payload: {},
        prevHash: head.hash,
      }
      const body = more === undefined ? fields : { ...fields, more }
      head = { seq: fields.seq, hash: canonicalDigest(body) }
      lines += `${canonicalJson({ ...body, hash: head.hash })}\n`
    }
    await writeFile(segment(1), lines)
    expect(await verifySegmentedLedger(directory)).toMatchObject({ intact: false, records: 0, damage: { line } })
    await refused('JANUS_LEDGER_DAMAGED')
  })

  test('a rewritten ledger is none in segments', async () => {
    await fill(3)
    const { rewriteLedger } = await import('../../src/ledger/index.js')
    await rewriteLedger(segment(1), ({ seq }) => seq > 1, { reason: 'test' })
    await refused('JANUS_LEDGER_DAMAGED')
  })

  test('other files in the directory are none of its business', async () => {
    const records = await fill(3)
    for (const name of ['notes', '1.jsonl', '0000002.jsonl', '000002.jsonl.torn-x', '00002.jsonl']) {
      await writeFile(join(directory, name), 'hello')
    }
    expect(await collected()).toEqual(records)
    expect(await verifySegmentedLedger(directory)).toMatchObject({ records: 3, segments: 1 })
  })

  test('a line of a gigabyte is damage when it ends, and unfinished when it does not, and is kept as the hole it is', async () => {
    await fill(2)
    const { size } = await stat(segment(1))
    await truncate(segment(1), size + 2 ** 30)
    expect(await verifySegmentedLedger(directory)).toMatchObject({ records: 2, torn: { offset: size, bytes: 2 ** 30 } })
    await appendFile(segment(1), '\n')
    expect((await verifySegmentedLedger(directory)).damage).toMatchObject({ line: 3, offset: size })
    await truncate(segment(1), size + 2 ** 30)
    await (await openSegmentedLedger({ directory })).close()
    const kept = await stat(join(directory, keptAsIn((await collected()).at(-1))))
    expect(kept.size).toBe(2 ** 30)
    expect(kept.blocks * 512).toBeLessThan(2 ** 20)
  })
})

describe('a reader', () => {
  test('begins at any record, without reading the segments before', async () => {
    const records = await fill(30, { rotateBytes: 1200 })
    for (let fromSeq = 1; fromSeq <= 31; fromSeq += 1) {
      expect(await collected({ fromSeq })).toEqual(records.slice(fromSeq - 1))
    }
    await replaceIn(1, '"n":1', '"n":7')
    expect(await collected({ fromSeq: 20 })).toEqual(records.slice(19))
    await expect(collected()).rejects.toMatchObject({ code: 'JANUS_LEDGER_DAMAGED', data: { segment: 1, line: 2 } })
  })

  test('follows a writer through new segments, and another one goes on from where it stood', async () => {
    const ledger = await openSegmentedLedger({ directory, rotateBytes: 900 })
    const reader = createSegmentReader(directory)
    expect(await reader.next()).toEqual([])
    expect(reader.position).toBeUndefined()
    const seen: LedgerRecord[] = []
    const written: LedgerRecord[] = []
    for (let n = 0; n < 25; n += 1) {
      written.push(
        ...(await ledger.appendAll([
          { type: 'tick', payload: n },
          { type: 'tock', payload: n },
        ])),
      )
      if (n % 3 === 0) seen.push(...(await drained(reader)))
    }
    expect(seen).toEqual(written.slice(0, seen.length))
    const after = JSON.parse(JSON.stringify(reader.position)) as NonNullable<typeof reader.position>
    expect(after).toMatchObject({ seq: seen.at(-1)?.seq, hash: seen.at(-1)?.hash })
    await ledger.close()
    const second = createSegmentReader(directory, { after })
    expect([...seen, ...(await drained(second))]).toEqual(written)
    expect(second.position?.seq).toBe(50)
  })

  test('sees whole records only, and all of them once they are whole', async () => {
    const records = await fill(4)
    const bytes = await readFile(segment(1))
    await truncate(segment(1), bytes.length - 20)
    const reader = createSegmentReader(directory)
    expect(await drained(reader)).toEqual(records.slice(0, 3))
    await writeFile(segment(1), bytes)
    expect(await drained(reader)).toEqual(records.slice(3))
    await appendFile(segment(1), 'garbage\n')
    await expect(reader.next()).rejects.toMatchObject({
      code: 'JANUS_LEDGER_DAMAGED',
      data: { line: 5, offset: bytes.length },
    })
  })

  test('finds the history rewritten that it has read before', async () => {
    await fill(4)
    const reader = createSegmentReader(directory)
    await drained(reader)
    await rm(directory, { recursive: true })
    await fill(6, { now: () => new Date(0) })
    const after = reader.position
    if (after === undefined) throw new Error('nothing was read')
    // The lines have the same length: the reader stands at the beginning of the fifth.
    await expect(drained(createSegmentReader(directory, { after }))).rejects.toMatchObject({
      code: 'JANUS_LEDGER_DAMAGED',
    })
  })
})

test('attack 25, log injection: hostile text comes back as it was, and every record is one line', async () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('\u2028', '\u2029', '\n', '\r\n', '"}\n{"', '\0', '\ud800', '__proto__', 'constructor', '\u202e'),
  )
  const payload = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.boolean(),
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('value'), { maxLength: 4 }),
    map: fc.array(fc.tuple(text, tie('value')), { maxLength: 4 }).map((entries) => {
      const map: Record<string, unknown> = {}
      for (const [key, value] of entries) {
        Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true })
      }
      return map
    }),
  })).value
  const ledger = await openSegmentedLedger({ directory, rotateBytes: 20_000 })
  const payloads: unknown[] = []
  await fc.assert(
    fc.asyncProperty(payload, async (given) => {
      payloads.push(JSON.parse(JSON.stringify(given)))
      await ledger.append('any', given)
    }),
    { numRuns: 500 },
  )
  await ledger.close()
  expect((await collected()).map((record) => record.payload)).toEqual(payloads)
  const names = (await readdir(directory)).filter((name) => name.endsWith('.jsonl'))
  const lines = (await Promise.all(names.map((name) => readFile(join(directory, name))))).map(
    (bytes) => bytes.filter((byte) => byte === 10).length,
  )
  expect(lines.reduce((sum, count) => sum + count, 0)).toBe(payloads.length)
})

function segment(number: number): string {
  return join(directory, `${String(number).padStart(6, '0')}.jsonl`)
}

async function linesIn(number: number): Promise<string[]> {
  return (await readFile(segment(number), 'utf8')).trimEnd().split('\n')
}

async function fill(count: number, options: Partial<OpenSegmentedLedgerOptions> = {}): Promise<LedgerRecord[]> {
  const ledger = await openSegmentedLedger({ directory, ...options })
  const records = await Promise.all(Array.from({ length: count }, (_, n) => ledger.append('tick', { n })))
  await ledger.close()
  return records
}

async function collected(options?: { readonly fromSeq?: number }): Promise<LedgerRecord[]> {
  const records: LedgerRecord[] = []
  for await (const record of readSegments(directory, options)) records.push(record)
  return records
}

async function drained(reader: ReturnType<typeof createSegmentReader>): Promise<LedgerRecord[]> {
  const all: LedgerRecord[] = []
  for (let records = await reader.next(); records.length > 0; records = await reader.next()) all.push(...records)
  return all
}

async function refused(code: string): Promise<void> {
  await expect(openSegmentedLedger({ directory })).rejects.toMatchObject({ code })
  if (code === 'JANUS_LEDGER_DAMAGED') expect((await verifySegmentedLedger(directory)).damage).toBeDefined()
  else await expect(verifySegmentedLedger(directory)).rejects.toMatchObject({ code })
}

function keptAsIn(record: LedgerRecord | undefined): string {
  return (record?.payload as { keptAs?: string } | undefined)?.keptAs ?? ''
}

async function replaceIn(number: number, what: string | RegExp, by: string): Promise<void> {
  const text = await readFile(segment(number), 'utf8')
  expect(text.replace(what, by)).not.toBe(text)
  await writeFile(segment(number), text.replace(what, by))
}

async function cutLastLine(number: number): Promise<void> {
  const lines = await linesIn(number)
  await writeFile(segment(number), `${lines.slice(0, -1).join('\n')}\n`)
}

async function contents(): Promise<Record<string, string>> {
  const names = (await readdir(directory)).filter((name) => name !== 'lock').sort()
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(directory, name), 'hex')] as const)),
  )
}
