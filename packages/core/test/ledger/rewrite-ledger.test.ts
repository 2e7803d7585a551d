import { chmod, lstat, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { canonicalDigest, openLedger, readLedger, rewriteLedger, verifyLedger } from '../../src/ledger/index.js'
import { systemFileOperations } from '../../src/state/index.js'

let directory: string
let path: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'janus-rewrite-'))
  path = join(directory, 'journal.jsonl')
})
afterEach(() => rm(directory, { recursive: true, force: true }))

test('kept records follow a head that continues the old chain, with the hash they had provable', async () => {
  await fill(6)
  const before = await readLedger(path)
  await chmod(path, 0o640)
  const isEven = ({ seq }: { seq: number }) => seq % 2 === 0
  expect(await rewriteLedger(path, isEven, { reason: 'older than a year' })).toEqual({ removed: 3, kept: 3 })
  const [head, ...kept] = await readLedger(path)
  expect(head).toMatchObject({
    seq: 7,
    type: 'ledger-pruned',
    prevHash: before[5]?.hash,
    payload: {
      removed: 3,
      kept: 3,
      firstHash: before[0]?.hash,
      lastHash: before[5]?.hash,
      lastSeq: 6,
      reason: 'older than a year',
    },
  })
  const evens = before.filter(isEven)
  expect(kept.map(({ ts, type, payload }) => ({ ts, type, payload }))).toEqual(
    evens.map(({ ts, type, payload }) => ({ ts, type, payload })),
  )
  for (const { origin, ts, type, payload } of kept) {
    expect(canonicalDigest({ seq: origin?.seq, ts, type, payload, prevHash: origin?.prevHash })).toBe(origin?.hash)
  }
  expect(kept.map(({ origin }) => origin?.hash)).toEqual(evens.map(({ hash }) => hash))
  expect((await lstat(path)).mode & 0o777).toBe(0o640)
})

test('a rewritten ledger is appended to and rewritten again, and origins stay the first ones', async () => {
  await fill(6)
  const [, second] = await readLedger(path)
  await rewriteLedger(path, ({ seq }) => seq === 2 || seq === 3, { reason: 'first' })
  await fill(1)
  await rewriteLedger(path, ({ origin }) => origin?.seq === 2, { reason: 'second' })
  const records = await readLedger(path)
  expect(records.map(({ type }) => type)).toEqual(['ledger-pruned', 'ledger-pruned', 'tick'])
  expect(records[2]?.origin).toEqual({ seq: 2, prevHash: second?.prevHash, hash: second?.hash })
  expect(records.map(({ seq }) => seq)).toEqual([11, 12, 13])
})

test('a kept record whose content was changed is damage, even when its own hash was made to fit', async () => {
  await fill(3)
  await rewriteLedger(path, ({ seq }) => seq === 3, { reason: 'test' })
  const [head, kept] = (await readFile(path, 'utf8')).trim().split('\n')
  const { hash: _, ...forged } = JSON.parse(kept ?? '') as Record<string, unknown>
  forged.payload = { n: 'forged' }
  const line = JSON.stringify({ hash: canonicalDigest(forged), ...forged })
  await writeFile(path, `${head}\n${line}\n`)
  expect((await verifyLedger(path)).damage).toMatchObject({ line: 2, reason: 'its content is not that of its origin' })
})

test('nothing is written when nothing is dropped, and an absent ledger stays absent', async () => {
  expect(await rewriteLedger(path, () => false, { reason: 'test' })).toEqual({ removed: 0, kept: 0 })
  expect(await readdir(directory)).toEqual([])
  await fill(3)
  const before = await readFile(path)
  expect(await rewriteLedger(path, () => true, { reason: 'test' })).toEqual({ removed: 0, kept: 3 })
  expect((await readFile(path)).equals(before)).toBe(true)
})

test('a rewrite is refused while the ledger is open for appending', async () => {
  const ledger = await openLedger({ path })
  await ledger.append('tick', {})
  await expect(rewriteLedger(path, () => false, { reason: 'test' })).rejects.toMatchObject({
    code: 'JANUS_STATE_LOCKED',
  })
  await ledger.close()
})

test('whatever call fails, the path holds the whole old ledger or the whole new one', async () => {
  await fill(8)
  const before = await readFile(path)
  for (let failing = 1; ; failing += 1) {
    await writeFile(path, before)
    let calls = 0
    const broken =
      <Args extends unknown[], Result>(call: (...args: Args) => Promise<Result>) =>
      async (...args: Args): Promise<Result> => {
        calls += 1
        if (calls === failing) throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
        return call(...args)
      }
    const fileOperations = {
      ...systemFileOperations,
      open: broken(systemFileOperations.open),
      write: broken(systemFileOperations.write),
      fsync: broken(systemFileOperations.fsync),
    }
    const outcome = await rewriteLedger(path, ({ seq }) => seq > 4, { reason: 'test', fileOperations }).catch(
      (error) => error,
    )
    const found = await verifyLedger(path)
    expect(found.damage).toBeUndefined()
    expect([8, 5]).toContain(found.records)
    expect(await readdir(directory)).toEqual(['journal.jsonl'])
    if (calls < failing) {
      expect(outcome).toEqual({ removed: 4, kept: 4 })
      break
    }
    expect(outcome).toMatchObject({ code: 'JANUS_LEDGER_WRITE_FAILED' })
  }
})

test('what an interrupted rewrite left does not hinder the next one', async () => {
  await fill(3)
  await writeFile(`${path}.rewrite`, 'half')
  await rewriteLedger(path, () => false, { reason: 'test' })
  expect(await readdir(directory)).toEqual(['journal.jsonl'])
})

test('any sequence of appends and rewrites leaves a ledger that verifies and holds what was kept', async () => {
  const step = fc.oneof(
    fc.record({ append: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ modulus: fc.integer({ min: 2, max: 5 }) }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 6 }), async (steps) => {
      await rm(path, { force: true })
      let expected: number[] = []
      let next = 0
      for (const action of steps) {
        if ('append' in action) {
          await fill(action.append, next)
          expected = [...expected, ...Array.from({ length: action.append }, (_, n) => next + n)]
          next += action.append
        } else {
          await rewriteLedger(path, ({ payload }) => (payload as { n: number }).n % action.modulus === 0, {
            reason: 'test',
          })
          expected = expected.filter((n) => n % action.modulus === 0)
        }
      }
      const ticks = (await readLedger(path)).filter(({ type }) => type === 'tick')
      expect(ticks.map(({ payload }) => (payload as { n: number }).n)).toEqual(expected)
    }),
    { numRuns: 15 },
  )
})

async function fill(count: number, from = 0): Promise<void> {
  const ledger = await openLedger({ path })
  await Promise.all(Array.from({ length: count }, (_, n) => ledger.append('tick', { n: from + n })))
  await ledger.close()
}
