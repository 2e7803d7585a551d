import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { openSegmentedLedger } from '../packages/core/src/ledger/index.js'
import { builtModule } from './in-own-process.js'
import { shortestDurations } from './interleaved.js'
import { openingRows } from './opening.js'
import type { BenchRow } from './table.js'

const SINGLE = 200
/** Records of all producers together, so that each contender takes about as long. */
const APPENDS = new Map([
  [1, 200],
  [8, 1600],
  [64, 6400],
  [256, 12_800],
])
const WANTED_AT_64 = 8
const payload = {
  proposal: 'proposal-0001234',
  decision: 'approved',
  by: { kind: 'user', uid: 1000 },
  reason: 'read and found in order',
}

/** Durable appends of many producers, against as many writes with an fsync each. */
export async function benchProducers(folder: string, rounds: number): Promise<readonly BenchRow[]> {
  const raw = await open(join(folder, 'single'), 'a')
  const ledger = await openSegmentedLedger({ directory: join(folder, 'producers') })
  const line = Buffer.from(`${JSON.stringify({ ...payload, hash: '0'.repeat(64), prevHash: '0'.repeat(64) })}\n`)
  const single = async (): Promise<void> => {
    for (let count = 0; count < SINGLE; count++) {
      await raw.write(line)
      await raw.sync()
    }
  }
  const produce = async (count: number): Promise<void> => {
    for (let done = 0; done < count; done++) await ledger.append('proposal-decided', payload)
  }
  const together = (producers: number, count: number) => async (): Promise<void> => {
    await Promise.all(Array.from({ length: producers }, () => produce(count / producers)))
  }
  try {
    const contenders = [...APPENDS].map(([producers, count]) => ({
      name: `${producers}`,
      run: together(producers, count),
    }))
    const shortest = await shortestDurations([{ name: 'single', run: single }, ...contenders], rounds)
    const base = SINGLE / (shortest.get('single') ?? Number.NaN)
    return [
      { what: 'single write and fsync', value: perSecond(base) },
      ...[...APPENDS].map(([producers, count]): BenchRow => {
        const rate = count / (shortest.get(`${producers}`) ?? Number.NaN)
        const row = { what: `durable appends, ${producers} producers`, value: perSecond(rate) }
        const against = `${(rate / base).toFixed(1)} × single fsyncs`
        if (producers !== 64) return { ...row, against }
        const verdict = rate / base >= WANTED_AT_64 ? 'within' : 'over'
        return { ...row, against: `${against}, wanted ${WANTED_AT_64}`, verdict }
      }),
    ]
  } finally {
    await ledger.close()
    await raw.close()
  }
}

/**
 * Opening a ledger, which verifies it, against plain parsing of its lines, each in a process of its own.
 * @param records how many the ledger has
 */
export async function benchOpening(folder: string, records: number, rounds: number): Promise<readonly BenchRow[]> {
  const directory = join(folder, 'history')
  await write(directory, records)
  return openingRows({ directory, records, program: OPENING, args: [directory], what: 'opening and verifying' }, rounds)
}

async function write(directory: string, records: number): Promise<void> {
  const ledger = await openSegmentedLedger({ directory })
  for (let done = 0; done < records; done += 1000) {
    const numbers = Array.from({ length: Math.min(1000, records - done) }, (_, index) => done + index)
    await Promise.all(
      numbers.map((n) =>
        ledger.append('proposal-decided', { ...payload, proposal: `proposal-${n}`, by: { uid: n % 9 } }),
      ),
    )
  }
  await ledger.close()
}

const OPENING = `
import { openSegmentedLedger } from ${builtModule('core/dist/ledger.js')}
const began = performance.now()
let records = 0
const ledger = await openSegmentedLedger({ directory: process.argv[1], onRecord: () => { records += 1 } })
const milliseconds = performance.now() - began
await ledger.close()
console.log(JSON.stringify({ records, milliseconds, kilobytes: process.resourceUsage().maxRSS }))`

function perSecond(perMillisecond: number): string {
  return `${(perMillisecond * 1000).toFixed(0)}/s`
}
