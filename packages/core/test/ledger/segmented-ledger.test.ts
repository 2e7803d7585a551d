import { chmod, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type LedgerRecord,
  openLedger,
  openSegmentedLedger,
  readLedger,
  verifySegmentedLedger,
} from '../../src/ledger/index.js'
import { eachLedgerDirectory } from './each-ledger-directory.js'
import { collected, fill, keptAsIn, linesIn, refused, segment } from './segment-files.js'

let directory: string
eachLedgerDirectory((path) => {
  directory = path
})

describe('a ledger in segments', () => {
  test('is one chain and one sequence through all files, each of them readable as the lines of any ledger', async () => {
    const records = await fill(directory, 20, { rotateBytes: 1500 })
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
    expect(await collected(directory)).toEqual(records)
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
    expect(await readLedger(join(directory, '000001.jsonl'))).toEqual(
      records.slice(0, (await linesIn(directory, 1)).length),
    )
  })

  test('goes on where the last process ended, also behind an empty last segment', async () => {
    const before = await fill(directory, 7, { rotateBytes: 1000 })
    const next = (await readdir(directory)).filter((name) => name.endsWith('.jsonl')).length + 1
    await writeFile(segment(directory, next), '', { mode: 0o600 })
    expect(await verifySegmentedLedger(directory)).toMatchObject({ records: 7, segments: next })
    const ledger = await openSegmentedLedger({ directory, rotateBytes: 1000 })
    expect(ledger).toMatchObject({ firstSeq: 1, lastSeq: 7, durableHead: { seq: 7, hash: before[6]?.hash } })
    const record = await ledger.append('tick', { n: 7 })
    await ledger.close()
    expect(record).toMatchObject({ seq: 8, prevHash: before[6]?.hash })
    expect(await linesIn(directory, next)).toHaveLength(1)
    expect(await collected(directory)).toEqual([...before, record])
  })

  test('hands every record to its opener in the one pass that verifies', async () => {
    const records = await fill(directory, 9, { rotateBytes: 1000 })
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
    expect(await collected(directory)).toHaveLength(1)
  })

  test('links, loose modes and directories of others are refused', async () => {
    await fill(directory, 3)
    await chmod(segment(directory, 1), 0o666)
    await refused(directory, 'JANUS_STATE_UNSAFE')
    await chmod(segment(directory, 1), 0o600)
    await chmod(directory, 0o777)
    await expect(openSegmentedLedger({ directory })).rejects.toMatchObject({ code: 'JANUS_STATE_UNSAFE' })
    await chmod(directory, 0o750)
    await rm(segment(directory, 1))
    await symlink('/etc/hostname', segment(directory, 1))
    await refused(directory, 'JANUS_STATE_UNSAFE')
  })

  test('an absent directory has no records, and reading creates nothing', async () => {
    expect(await collected(directory)).toEqual([])
    expect(await verifySegmentedLedger(directory)).toMatchObject({ records: 0, lastSeq: 0, lastHash: '0'.repeat(64) })
    expect(await readdir(dirname(directory))).toEqual([])
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
    expect(await collected(directory)).toEqual(records)
    for (const name of (await readdir(directory)).filter((each) => each.endsWith('.jsonl'))) {
      const last = (await readFile(join(directory, name), 'utf8')).trimEnd().split('\n').at(-1) ?? ''
      expect(JSON.parse(last)).not.toHaveProperty('more')
    }
  })

  test('cut anywhere, all of them are gone and kept aside', async () => {
    const before = await fill(directory, 2)
    const ledger = await openSegmentedLedger({ directory })
    await ledger.appendAll([1, 2, 3].map((n) => ({ type: 'part', payload: n })))
    await ledger.close()
    const bytes = await readFile(segment(directory, 1))
    const start = before.map((record) => `${JSON.stringify(record)}\n`).join('').length
    for (let length = bytes.length - 1; length > start; length -= 1) {
      await truncate(segment(directory, 1), length)
      const torn = { segment: 1, offset: start, bytes: length - start }
      const found = await verifySegmentedLedger(directory)
      expect(found).toMatchObject({ records: 2, torn })
      expect(found.damage).toBeUndefined()
      if (length % 97 !== 0) continue
      expect(await collected(directory)).toEqual(before)
    }
    await writeFile(segment(directory, 1), bytes.subarray(0, bytes.length - 5))
    const seen: string[] = []
    const again = await openSegmentedLedger({ directory, onRecord: ({ type }) => seen.push(type) })
    await again.close()
    expect(seen).toEqual(['tick', 'tick'])
    const repaired = (await collected(directory)).at(-1)
    expect(repaired).toMatchObject({ seq: 3, type: 'ledger-repaired', payload: { segment: 1, offset: start } })
    expect(await readFile(join(directory, keptAsIn(repaired)))).toEqual(bytes.subarray(start, bytes.length - 5))
  })

  test('torn before a later record, they are damage', async () => {
    const ledger = await openSegmentedLedger({ directory })
    await ledger.appendAll([1, 2, 3].map((n) => ({ type: 'part', payload: n })))
    await ledger.append('after', {})
    await ledger.close()
    const [first, , third, after] = await linesIn(directory, 1)
    await writeFile(segment(directory, 1), `${first}\n${third}\n${after}\n`)
    expect((await verifySegmentedLedger(directory)).damage).toMatchObject({ segment: 1, line: 2 })
    await refused(directory, 'JANUS_LEDGER_DAMAGED')
  })

  test('are of no use to a ledger in one file', async () => {
    const ledger = await openSegmentedLedger({ directory })
    await ledger.appendAll([1, 2].map((n) => ({ type: 'part', payload: n })))
    await ledger.close()
    await expect(openLedger({ path: segment(directory, 1) })).rejects.toMatchObject({ code: 'JANUS_LEDGER_DAMAGED' })
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
    expect(await collected(directory)).toHaveLength(3)
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
  expect((await collected(directory)).map((record) => record.payload)).toEqual(payloads)
  const names = (await readdir(directory)).filter((name) => name.endsWith('.jsonl'))
  const lines = (await Promise.all(names.map((name) => readFile(join(directory, name))))).map(
    (bytes) => bytes.filter((byte) => byte === 10).length,
  )
  expect(lines.reduce((sum, count) => sum + count, 0)).toBe(payloads.length)
})
