import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { openLedger } from '../../packages/core/src/ledger/index.js'
import { interleavedDurations } from '../measuring/interleaved.js'
import { defineBenchSubject } from '../report/bench-subject.js'

const APPENDS = 200
const CALIBRATION = 'write and fsync of as many bytes'
const payload = {
  transaction: '0'.repeat(32),
  step: 3,
  order: { kind: 'write-attribute', path: '/sys/bus/pci/drivers_probe', value: '0000:01:00.0' },
}

/** What a durable append costs beyond the fsync that the disk itself demands. */
export const ledgerFile = defineBenchSubject({
  id: 'ledger',
  title: 'Ledger in one file',
  rows: {
    alone: { what: 'a durable append, one after another', unit: 'ms', calibration: CALIBRATION },
    together: { what: 'a durable append, 200 at once', unit: 'ms', calibration: CALIBRATION },
  },
  async measure({ folder, quick }) {
    const raw = await open(join(folder, 'raw'), 'a')
    const ledger = await openLedger({ path: join(folder, 'ledger.jsonl') })
    const line = Buffer.from(`${JSON.stringify({ ...payload, hash: '0'.repeat(64), previous: '0'.repeat(64) })}\n`)
    const append = () => ledger.append('step', payload)
    try {
      const { shortest } = await interleavedDurations(
        {
          raw: () => times(() => raw.write(line).then(() => raw.sync())),
          alone: () => times(append),
          together: () => Promise.all(Array.from({ length: APPENDS }, append)),
        },
        quick ? 3 : 10,
      )
      return {
        alone: () => ({ value: shortest('alone') / APPENDS, calibration: shortest('raw') / APPENDS }),
        together: () => ({ value: shortest('together') / APPENDS, calibration: shortest('raw') / APPENDS }),
      }
    } finally {
      await ledger.close()
      await raw.close()
    }
  },
})

async function times(work: () => Promise<unknown>): Promise<void> {
  for (let count = 0; count < APPENDS; count++) await work()
}
