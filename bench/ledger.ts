import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { openLedger } from '../packages/core/src/ledger/index.js'
import { shortestDurations } from './interleaved.js'
import type { BenchRow } from './table.js'

const APPENDS = 200
const payload = {
  transaction: '0'.repeat(32),
  step: 3,
  order: { kind: 'write-attribute', path: '/sys/bus/pci/drivers_probe', value: '0000:01:00.0' },
}

/** What a durable append costs beyond the fsync that the disk itself demands. */
export async function benchLedger(folder: string, rounds: number): Promise<readonly BenchRow[]> {
  const raw = await open(join(folder, 'raw'), 'a')
  const ledger = await openLedger({ path: join(folder, 'ledger.jsonl') })
  const line = Buffer.from(`${JSON.stringify({ ...payload, hash: '0'.repeat(64), previous: '0'.repeat(64) })}\n`)
  try {
    const shortest = await shortestDurations(
      [
        { name: 'raw', run: async () => await times(async () => await raw.write(line).then(() => raw.sync())) },
        { name: 'one by one', run: async () => await times(async () => await ledger.append('step', payload)) },
        {
          name: 'together',
          run: async () =>
            void (await Promise.all(Array.from({ length: APPENDS }, () => ledger.append('step', payload)))),
        },
      ],
      rounds,
    )
    const base = shortest.get('raw') ?? Number.NaN
    const row = (name: string): BenchRow => {
      const duration = shortest.get(name) ?? Number.NaN
      return {
        what: `ledger, ${name}`,
        value: `${perSecond(duration)}/s`,
        against: `${(duration / base).toFixed(2)} × the raw time`,
      }
    }
    return [{ what: 'raw write and fsync', value: `${perSecond(base)}/s` }, row('one by one'), row('together')]
  } finally {
    await ledger.close()
    await raw.close()
  }
}

async function times(work: () => Promise<unknown>): Promise<void> {
  for (let count = 0; count < APPENDS; count++) await work()
}

function perSecond(milliseconds: number): string {
  return ((APPENDS / milliseconds) * 1000).toFixed(0)
}
