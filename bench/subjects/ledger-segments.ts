import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { openSegmentedLedger, type SegmentedLedger } from '../../packages/core/src/ledger/index.js'
import { builtModule } from '../measuring/in-own-process.js'
import { interleavedDurations } from '../measuring/interleaved.js'
import { measureOpening, openingRows } from '../measuring/opening.js'
import { type BenchSubject, defineBenchSubject } from '../report/bench-subject.js'

const SINGLE = 200
/** Records of all producers together: so many that each contender takes about as long. */
const APPENDS = { 1: 200, 8: 1_600, 64: 6_400, 256: 12_800 }
type Producers = keyof typeof APPENDS
const WANTED_AT_64 = 8
const RECORDS = 1_000_000
const CALIBRATION = 'single writes with an fsync each'
const payload = {
  proposal: 'proposal-0001234',
  decision: 'approved',
  by: { kind: 'user', uid: 1000 },
  reason: 'read and found in order',
}

/** Durable appends of many producers, against as many writes with an fsync each. */
export const ledgerProducers = defineBenchSubject({
  id: 'ledger-segments',
  title: 'Ledger in segments, durable appends of many producers',
  rows: {
    '1-producer': { what: 'durable appends, 1 producer', unit: '/s', calibration: CALIBRATION },
    '8-producers': { what: 'durable appends, 8 producers', unit: '/s', calibration: CALIBRATION },
    '64-producers': {
      what: 'durable appends, 64 producers',
      unit: '/s',
      calibration: CALIBRATION,
      target: { of: 'ratio', bound: 'at-least', limit: WANTED_AT_64 },
    },
    '256-producers': { what: 'durable appends, 256 producers', unit: '/s', calibration: CALIBRATION },
  },
  async measure({ folder, quick }) {
    const raw = await open(join(folder, 'single'), 'a')
    const ledger = await openSegmentedLedger({ directory: join(folder, 'producers') })
    const line = Buffer.from(`${JSON.stringify({ ...payload, hash: '0'.repeat(64), prevHash: '0'.repeat(64) })}\n`)
    try {
      const { shortest } = await interleavedDurations(
        {
          single: async () => {
            for (let count = 0; count < SINGLE; count++) await raw.write(line).then(() => raw.sync())
          },
          '1': () => produceTogether(ledger, 1),
          '8': () => produceTogether(ledger, 8),
          '64': () => produceTogether(ledger, 64),
          '256': () => produceTogether(ledger, 256),
        },
        quick ? 3 : 10,
      )
      const row = (producers: Producers) => () => ({
        value: (1000 * APPENDS[producers]) / shortest(`${producers}`),
        calibration: (1000 * SINGLE) / shortest('single'),
      })
      return { '1-producer': row(1), '8-producers': row(8), '64-producers': row(64), '256-producers': row(256) }
    } finally {
      await ledger.close()
      await raw.close()
    }
  },
})

/** Opening a ledger, which verifies it. */
export const ledgerHistory: BenchSubject = {
  id: 'ledger-history',
  title: 'Ledger in segments, a long history',
  rows: openingRows('opening and verifying a long ledger'),
  async measure({ folder, quick }) {
    const directory = join(folder, 'history')
    const records = quick ? RECORDS / 10 : RECORDS
    await write(directory, records)
    return measureOpening({ directory, records, program: OPENING, args: [directory] }, quick ? 1 : 3)
  },
}

async function produceTogether(ledger: SegmentedLedger, producers: Producers): Promise<void> {
  const produce = async (): Promise<void> => {
    for (let done = 0; done < APPENDS[producers] / producers; done++) await ledger.append('proposal-decided', payload)
  }
  await Promise.all(Array.from({ length: producers }, produce))
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
