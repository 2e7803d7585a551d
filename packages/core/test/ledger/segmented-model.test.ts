import { mkdtemp, readdir, rm, stat, truncate } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  createNoteSigner,
  createSegmentReader,
  generateNoteKey,
  type LedgerRecord,
  openSegmentedLedger,
  readSegments,
  type SegmentedLedger,
  type SegmentReader,
  signCheckpoint,
  verifySegmentedLedger,
} from '../../src/ledger/index.js'

const HOUR = 3600 * 1000
const signer = createNoteSigner(generateNoteKey('example.com/model').privateKey)

/** What a ledger must be: a list of records, of which the oldest may go and the rest never changes. */
interface Model {
  /** Every record that was acknowledged, with its place in the group. */
  readonly records: LedgerRecord[]
  /** Sequence number of the oldest record that is held. */
  firstSeq: number
  isOpen: boolean
  readonly checkpoints: string[]
  /** What the reader has been given. */
  read: number
}

interface Real {
  readonly directory: string
  readonly clock: { now: number }
  ledger: SegmentedLedger | undefined
  reader: SegmentReader
}

type Command = fc.AsyncCommand<Model, Real>

const payload = fc.oneof(fc.string(), fc.integer(), fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }))

function command(
  name: string,
  needsOpen: boolean | undefined,
  run: (model: Model, real: Real) => Promise<void>,
): Command {
  return {
    check: ({ isOpen }) => needsOpen === undefined || isOpen === needsOpen,
    run,
    toString: () => name,
  }
}

const open = async (model: Model, real: Real): Promise<void> => {
  const seen: LedgerRecord[] = []
  real.ledger = await openSegmentedLedger({
    directory: real.directory,
    rotateBytes: 900,
    now: () => new Date(real.clock.now),
    onRecord: (record) => seen.push(record),
  })
  model.isOpen = true
  const held = model.records.slice(model.firstSeq - 1)
  expect(seen.slice(0, held.length)).toEqual(held)
  expect(seen).toHaveLength(held.length)
  const repaired = await lastRecords(real, model.records.length)
  for (const { type } of repaired) expect(type).toBe('ledger-repaired')
  model.records.push(...repaired)
}

const appending = fc.array(payload, { minLength: 1, maxLength: 5 }).map((payloads) =>
  command(`append ${payloads.length}`, true, async (model, { ledger }) => {
    const records = (await ledger?.appendAll(payloads.map((each) => ({ type: 'event', payload: each })))) ?? []
    expect(records.map(({ seq, more = 0 }) => [seq, more])).toEqual(
      payloads.map((_, index) => [model.records.length + 1 + index, payloads.length - 1 - index]),
    )
    model.records.push(...records)
  }),
)

const opening = fc.constant(command('open', false, open))

const waiting = fc.integer({ min: 1, max: 30 }).map((hours) =>
  command(`wait ${hours} h`, undefined, async (_, { clock }) => {
    clock.now += hours * HOUR
  }),
)

/** What happens more often stands here more often. */
const commands = [
  appending,
  appending,
  appending,
  appending,
  opening,
  opening,
  opening,
  waiting,
  waiting,
  waiting,
  fc.tuple(fc.nat(2), fc.nat(3)).map(([behind, others]) =>
    command(`compare and append, ${behind} behind, among ${others}`, true, async (model, { ledger }) => {
      const expected = Math.max(0, model.records.length - behind)
      const attempts = await Promise.allSettled(
        Array.from({ length: others + 1 }, (_, by) =>
          ledger?.compareAndAppend(expected, [{ type: 'decision', payload: by }]),
        ),
      )
      const won = attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? (attempt.value ?? []) : []))
      expect(won).toHaveLength(expected === model.records.length ? 1 : 0)
      model.records.push(...won)
    }),
  ),
  fc.integer({ min: 1, max: 48 }).map((hours) =>
    command(`expire what is older than ${hours} h`, true, async (model, { ledger, clock }) => {
      const before = new Date(clock.now - hours * HOUR)
      const expired = await ledger?.expire(before, { reason: 'model' })
      if (expired === undefined) return
      const gone = expired.segments.at(-1)?.lastSeq ?? 0
      for (const record of model.records.slice(0, gone)) expect(Date.parse(record.ts)).toBeLessThan(before.getTime())
      model.firstSeq = gone + 1
      model.records.push(...(await lastRecords({ directory: ledger?.directory ?? '' }, model.records.length)))
      expect(model.records.at(-1)).toMatchObject({ type: 'ledger-expired', payload: expired })
    }),
  ),
  fc.constant(
    command('sign', true, async ({ checkpoints }, { ledger }) => {
      const { seq: size, hash } = ledger?.durableHead ?? { seq: 0, hash: '' }
      checkpoints.push(signCheckpoint({ origin: signer.name, size, hash }, [signer]))
    }),
  ),
  fc.constant(
    command('close', true, async (model, real) => {
      await real.ledger?.close()
      model.isOpen = false
    }),
  ),
  fc.integer({ min: 0, max: 400 }).map((bytes) =>
    command(`crash with ${bytes} bytes of a group written`, true, async (model, real) => {
      // The group is whole when it is cut: what a crash leaves is a beginning of it.
      const path = await lastSegment(real.directory)
      const { size } = await stat(path)
      const { lastSeq } = real.ledger as SegmentedLedger
      await real.ledger?.appendAll(Array.from({ length: 3 }, () => ({ type: 'torn', payload: 'x'.repeat(120) })))
      await real.ledger?.close()
      const now = await lastSegment(real.directory)
      const whole = (await stat(now)).size
      await truncate(now, Math.min((now === path ? size : 0) + bytes, whole - 1))
      expect(lastSeq).toBe(model.records.length)
      model.isOpen = false
    }),
  ),
  fc.constant(
    command('verify', undefined, async (model, { directory }) => {
      const { intact, records, firstSeq, lastSeq } = await verifySegmentedLedger(directory)
      const held = model.records.length - model.firstSeq + 1
      expect({ intact, records, lastSeq }).toEqual({ intact: true, records: held, lastSeq: model.records.length })
      if (held > 0) expect(firstSeq).toBe(model.firstSeq)
    }),
  ),
  fc.constant(
    command('verify against what was signed', undefined, async ({ checkpoints }, { directory }) => {
      const verdict = (await verifySegmentedLedger(directory, { checkpoints, publicKeys: [signer.publicKey] }))
        .checkpoints
      // All that can be wrong with an honest ledger is that what was signed last has expired.
      expect(verdict?.problems.filter(({ reason }) => reason !== 'unconfirmed')).toEqual([])
      expect((verdict?.confirmed ?? 0) + (verdict?.expired ?? 0)).toBe(checkpoints.length)
    }),
  ),
  fc.nat(60).map((from) =>
    command(`read from ${from}`, undefined, async (model, { directory }) => {
      const found: LedgerRecord[] = []
      for await (const record of readSegments(directory, { fromSeq: from })) found.push(record)
      expect(found).toEqual(model.records.slice(Math.max(from, model.firstSeq) - 1))
    }),
  ),
  fc.constant(
    command('read on', undefined, async (model, real) => {
      if (model.firstSeq > model.read + 1) {
        real.reader = createSegmentReader(real.directory)
        model.read = model.firstSeq - 1
      }
      for (let batch = await real.reader.next(); batch.length > 0; batch = await real.reader.next()) {
        expect(batch).toEqual(model.records.slice(model.read, model.read + batch.length))
        model.read += batch.length
      }
      expect(model.read).toBe(model.records.length)
    }),
  ),
]

test('whatever is done to it, in whatever order, a ledger is the records that were acknowledged', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'janus-ledger-model-'))
  let runs = 0
  try {
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 60, size: 'max' }), async (sequence) => {
        runs += 1
        const directory = join(folder, String(runs))
        const model: Model = { records: [], firstSeq: 1, isOpen: false, checkpoints: [], read: 0 }
        const clock = { now: Date.parse('2025-01-01T00:00:00Z') }
        const real: Real = { directory, clock, ledger: undefined, reader: createSegmentReader(directory) }
        try {
          await open(model, real)
          await fc.asyncModelRun(() => ({ model, real }), sequence)
        } finally {
          await real.ledger?.close()
          await rm(directory, { recursive: true, force: true })
        }
      }),
      { numRuns: 60 },
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}, 240_000)

async function lastRecords({ directory }: Pick<Real, 'directory'>, after: number): Promise<LedgerRecord[]> {
  const records: LedgerRecord[] = []
  for await (const record of readSegments(directory, { fromSeq: after + 1 })) records.push(record)
  return records.filter(({ seq }) => seq > after)
}

async function lastSegment(directory: string): Promise<string> {
  const names = (await readdir(directory)).filter((name) => /^\d+\.jsonl$/.test(name)).sort()
  return join(directory, names.at(-1) ?? '')
}
