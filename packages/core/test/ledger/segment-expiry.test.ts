import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  canonicalDigest,
  canonicalJson,
  createSegmentReader,
  type ExpiredPayload,
  type LedgerRecord,
  openSegmentedLedger,
  readSegments,
  type SegmentedLedger,
  sha256Hex,
  verifySegmentedLedger,
} from '../../src/ledger/index.js'
import { systemFileOperations } from '../../src/state/index.js'
import { eachLedgerDirectory } from './each-ledger-directory.js'

const HOUR = 3600 * 1000
const DAY = 24 * HOUR
const START = Date.parse('2025-01-01T00:00:00Z')

let directory: string
let wall: number
eachLedgerDirectory((path) => {
  directory = path
  wall = START
})

const now = (): Date => new Date(wall)
const open = (): Promise<SegmentedLedger> => openSegmentedLedger({ directory, rotateBytes: 1000, now })

describe('the oldest segments expire', () => {
  test('after a record that names them; the ledger begins behind them, and says so when it is verified', async () => {
    const ledger = await open()
    const records = await live(ledger, 40)
    const before = new Date(wall - 10 * DAY)
    const expired = (await ledger.expire(before, { reason: 'ten days' })) as ExpiredPayload
    const gone = expired.segments.at(-1)?.lastSeq ?? 0
    expect(expired).toMatchObject({ reason: 'ten days', before: before.toISOString() })
    expect(expired.segments.map(({ segment }) => segment)).toEqual(expired.segments.map((_, index) => index + 1))
    for (const { firstSeq, lastSeq, firstHash, lastHash, latest, records: count } of expired.segments) {
      expect(count).toBe(lastSeq - firstSeq + 1)
      expect([firstHash, lastHash]).toEqual([records[firstSeq - 1]?.hash, records[lastSeq - 1]?.hash])
      expect(latest).toBe(records[lastSeq - 1]?.ts)
    }
    for (const { ts } of records.slice(0, gone)) expect(Date.parse(ts)).toBeLessThan(before.getTime())
    // The next segment has a record that is not old.
    expect(gone).toBeGreaterThan(10)
    expect(ledger.firstSeq).toBe(gone + 1)
    const next = await ledger.append('after', {})
    await ledger.close()
    const found = await collected()
    expect(found.slice(0, 40 - gone)).toEqual(records.slice(gone))
    expect(found.slice(40 - gone)).toMatchObject([{ seq: 41, type: 'ledger-expired', payload: expired }, next])
    expect(await verifySegmentedLedger(directory)).toMatchObject({
      intact: true,
      firstSeq: gone + 1,
      lastSeq: 42,
      records: 42 - gone,
      expirations: [expired],
    })
    const again = await open()
    expect(again).toMatchObject({ firstSeq: gone + 1, lastSeq: 42 })
    await again.close()
  })

  test('and expire again, also the record of the first time', async () => {
    const ledger = await open()
    const reasons: string[] = []
    for (let round = 1; round <= 4; round += 1) {
      await live(ledger, 40)
      const expired = await ledger.expire(new Date(wall - 5 * DAY), { reason: `round ${round}` })
      reasons.push(expired?.reason ?? '')
    }
    await ledger.close()
    expect(reasons).toEqual(['round 1', 'round 2', 'round 3', 'round 4'])
    const { intact, firstSeq, expirations } = await verifySegmentedLedger(directory)
    expect(intact).toBe(true)
    expect(firstSeq).toBeGreaterThan(120)
    expect(expirations.map(({ reason }) => reason)).not.toContain('round 1')
    expect(expirations.at(-1)?.reason).toBe('round 4')
  })

  test('but never the one that is appended to, and none when none is old', async () => {
    const ledger = await open()
    expect(await ledger.expire(now(), { reason: 'all' })).toBeUndefined()
    const records = await live(ledger, 12)
    expect(await ledger.expire(new Date(wall - 30 * DAY), { reason: 'none' })).toBeUndefined()
    expect(ledger.lastSeq).toBe(12)
    const { size } = await expireAll(ledger)
    expect(size).toBe((await segments())[0])
    await ledger.close()
    expect((await collected()).slice(0, -1)).toEqual(records.filter(({ seq }) => seq >= ledger.firstSeq))
  })

  test('only before a time that has been', async () => {
    const ledger = await open()
    await live(ledger, 12)
    for (const before of [new Date(wall + 1), new Date(Number.NaN)]) {
      await expect(ledger.expire(before, { reason: 'x' })).rejects.toMatchObject({ code: 'JANUS_USAGE' })
    }
    await ledger.close()
    expect(await collected()).toHaveLength(12)
  })

  test('after the record is on the disk, or not at all', async () => {
    let isBroken = false
    const fsync = (descriptor: number) =>
      isBroken ? Promise.reject(new Error('EIO: i/o error')) : systemFileOperations.fsync(descriptor)
    const fileOperations = { ...systemFileOperations, fsync }
    const ledger = await openSegmentedLedger({ directory, rotateBytes: 1000, now, fileOperations })
    await live(ledger, 40)
    const before = await segments()
    isBroken = true
    const failed = ledger.expire(new Date(wall - 5 * DAY), { reason: 'x' })
    await expect(failed).rejects.toMatchObject({ code: 'JANUS_LEDGER_WRITE_FAILED' })
    await ledger.close()
    expect(await segments()).toEqual(before)
    expect(await verifySegmentedLedger(directory)).toMatchObject({ intact: true, firstSeq: 1, lastSeq: 40 })
  })

  test('and where that was interrupted, the rest goes at the next opening', async () => {
    const ledger = await open()
    await live(ledger, 40)
    const copy = join(dirname(directory), 'copy')
    await copyAll(copy)
    const expired = (await ledger.expire(new Date(wall - 5 * DAY), { reason: 'x' })) as ExpiredPayload
    await ledger.close()
    const kept = await segments()
    expect(expired.segments.length).toBeGreaterThan(3)
    for (let removed = 0; removed <= expired.segments.length; removed += 1) {
      for (const { segment } of expired.segments.slice(removed)) await copyFile(path(segment, copy), path(segment))
      const verification = await verifySegmentedLedger(directory)
      expect(verification).toMatchObject({
        intact: true,
        firstSeq: expired.segments[removed]?.firstSeq ?? expect.anything(),
      })
      expect((await collected())[0]?.seq).toBe(verification.firstSeq)
      const again = await open()
      expect(again.firstSeq).toBe((expired.segments.at(-1)?.lastSeq ?? 0) + 1)
      await again.close()
      expect(await segments()).toEqual(kept)
    }
  })

  test('and no others may be missing', async () => {
    const ledger = await open()
    await live(ledger, 40)
    const expired = (await ledger.expire(new Date(wall - 5 * DAY), { reason: 'x' })) as ExpiredPayload
    await live(ledger, 12)
    await ledger.close()
    const next = expired.segments.length + 1
    await rm(path(next))
    const damage = { segment: next, line: 1, offset: 0, reason: expect.stringContaining('missing') }
    expect((await verifySegmentedLedger(directory)).damage).toMatchObject(damage)
    await expect(open()).rejects.toMatchObject({ code: 'JANUS_LEDGER_DAMAGED', data: damage })
  })

  test('and what stands behind them must be what stood there, by the hash, the number and the segment', async () => {
    const gone = {
      segment: 1,
      records: 9,
      firstSeq: 1,
      lastSeq: 9,
      firstHash: sha256Hex('1'),
      lastHash: sha256Hex('9'),
    }
    const payload = { reason: 'x', before: '2025-01-01T00:00:00.000Z' }
    const verdict = async (named: object) => {
      const expired = { ...payload, segments: [{ ...gone, latest: payload.before, ...named }] }
      await rm(directory, { recursive: true, force: true })
      await mkdir(directory)
      const lines = chained(gone.lastSeq, gone.lastHash, [
        ['tick', {}],
        ['ledger-expired', expired],
        ['tick', {}],
      ])
      await writeFile(path(2), lines, { mode: 0o600 })
      return verifySegmentedLedger(directory)
    }
    expect(await verdict({})).toMatchObject({ intact: true, firstSeq: 10, lastSeq: 12 })
    for (const named of [
      { lastHash: sha256Hex('8') },
      { lastSeq: 8 },
      { segment: 2 },
      { records: '9' },
      { latest: 7 },
    ]) {
      const damage = { segment: 1, reason: 'the segment is missing, and no record says it expired' }
      expect(await verdict(named)).toMatchObject({ intact: false, damage })
      await expect(open()).rejects.toMatchObject({ code: 'JANUS_LEDGER_DAMAGED', data: damage })
    }
  })

  test('under a reader, which goes on with what is there, or says that it has missed something', async () => {
    const ledger = await open()
    const records = await live(ledger, 40)
    const behind = createSegmentReader(directory)
    const [first] = await behind.next()
    expect(first).toEqual(records[0])
    const ahead = createSegmentReader(directory, { fromSeq: 38 })
    const seen: number[] = []
    const readOn = async (): Promise<void> => {
      for (let batch = await ahead.next(); batch.length > 0; batch = await ahead.next()) {
        seen.push(...batch.map(({ seq }) => seq))
      }
    }
    await readOn()
    await ledger.expire(new Date(wall - 5 * DAY), { reason: 'x' })
    await ledger.close()
    await readOn()
    expect(seen).toEqual([38, 39, 40, 41])
    await expect(behind.next()).rejects.toMatchObject({ code: 'JANUS_LEDGER_DAMAGED' })
    expect((await collected({ fromSeq: 1 }))[0]?.seq).toBe(ledger.firstSeq)
  })
})

describe('attack 18, clock jumps: a clock that was set wrongly', () => {
  const keep = 30 * DAY
  const expire = (ledger: SegmentedLedger) => ledger.expire(new Date(wall - keep), { reason: 'thirty days' })

  test('forward by ten years makes nothing old, while it is wrong or when it is right again', async () => {
    const ledger = await open()
    await live(ledger, 40)
    wall += 3650 * DAY
    expect(await expire(ledger)).toBeUndefined()
    await live(ledger, 6)
    expect(await expire(ledger)).toBeUndefined()
    await ledger.close()
    const again = await open()
    expect(await expire(again)).toBeUndefined()
    wall -= 3650 * DAY
    await live(again, 12)
    expect(await expire(again)).toBeUndefined()
    await again.close()
    expect((await collected())[0]?.seq).toBe(1)
  })

  test('forward for good does not keep the old from expiring in the end', async () => {
    const ledger = await open()
    await live(ledger, 40)
    wall += 3650 * DAY
    await live(ledger, 2 * 40)
    const expired = await expire(ledger)
    await ledger.close()
    expect(expired?.segments[0]?.segment).toBe(1)
    expect(Date.parse(expired?.segments.at(-1)?.latest ?? '')).toBeLessThanOrEqual(wall - keep)
  })

  test('to 1970 at first, and right later, makes nothing of the first hour old', async () => {
    wall = 0
    const ledger = await open()
    await live(ledger, 12)
    wall = START
    await live(ledger, 12)
    expect(await expire(ledger)).toBeUndefined()
    await ledger.close()
    expect((await collected())[0]).toMatchObject({ seq: 1, ts: '1970-01-01T12:00:00.000Z' })
  })

  test('back by a year leaves new records as young as the ones before', async () => {
    const ledger = await open()
    await live(ledger, 40)
    wall -= 365 * DAY
    await live(ledger, 40)
    wall += 365 * DAY
    const expired = await ledger.expire(new Date(wall - 35 * DAY), { reason: 'x' })
    await ledger.close()
    // The wall clock shows 40 days since the beginning, of which the ledger has seen 20.
    expect(expired).toBeUndefined()
  })

  test('any number of times makes nothing expire that is younger than a pause for each time', async () => {
    const step = fc.record({
      passes: fc.integer({ min: 1, max: 40 * HOUR }),
      isSet: fc.oneof(fc.constant(0), fc.integer({ min: -4000 * DAY, max: 4000 * DAY })),
    })
    let expirations = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 20, maxLength: 120 }),
        fc.integer({ min: 1, max: 40 }),
        async (steps, days) => {
          await rm(directory, { recursive: true, force: true })
          wall = START
          let truth = 0
          let wrong = 0
          const appended = new Map<number, number>()
          const ledger = await open()
          for (const { passes, isSet } of steps) {
            truth += passes
            wall = Math.max(0, wall + passes + isSet)
            if (isSet > 0) wrong += 1
            appended.set((await ledger.append('tick', {})).seq, truth)
          }
          const expired = await ledger.expire(new Date(Math.max(0, wall - days * DAY)), { reason: 'x' })
          await ledger.close()
          const youngest = appended.get(expired?.segments.at(-1)?.lastSeq ?? 0)
          if (youngest !== undefined) expirations += 1
          const wanted = Math.min(days * DAY, wall)
          if (youngest !== undefined) expect(truth - youngest).toBeGreaterThanOrEqual(wanted - wrong * DAY)
        },
      ),
      { numRuns: 60 },
    )
    expect(expirations).toBeGreaterThan(0)
  })
})

/** A record every twelve hours. */
async function live(ledger: SegmentedLedger, count: number): Promise<LedgerRecord[]> {
  const records: LedgerRecord[] = []
  for (let n = 0; n < count; n += 1) {
    wall += 12 * HOUR
    records.push(await ledger.append('tick', { n }))
  }
  return records
}

async function expireAll(ledger: SegmentedLedger): Promise<{ readonly size: number }> {
  wall += 1
  const expired = await ledger.expire(now(), { reason: 'all' })
  return { size: (expired?.segments.at(-1)?.segment ?? 0) + 1 }
}

async function segments(): Promise<number[]> {
  return (await readdir(directory)).filter((name) => /^\d+\.jsonl$/.test(name)).map((name) => Number.parseInt(name, 10))
}

function path(segment: number, within = directory): string {
  return join(within, `${String(segment).padStart(6, '0')}.jsonl`)
}

/** Lines as a ledger has them, behind a record that is not there. */
function chained(seq: number, hash: string, records: readonly (readonly [type: string, payload: object])[]): string {
  let head = { seq, hash }
  return records
    .map(([type, payload]) => {
      const fields = { seq: head.seq + 1, ts: now().toISOString(), type, payload, prevHash: head.hash }
      head = { seq: fields.seq, hash: canonicalDigest(fields) }
      return `${canonicalJson({ ...fields, hash: head.hash })}\n`
    })
    .join('')
}

async function copyAll(to: string): Promise<void> {
  await mkdir(to)
  for (const segment of await segments())
    await writeFile(path(segment, to), await readFile(path(segment)), { mode: 0o600 })
}

async function collected(options?: { readonly fromSeq?: number }): Promise<LedgerRecord[]> {
  const records: LedgerRecord[] = []
  for await (const record of readSegments(directory, options)) records.push(record)
  return records
}
