import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildPackages } from '../scripts/build-packages.js'
import { benchGrowth } from './growth.js'
import { benchInLab } from './in-lab.js'
import { benchLedger } from './ledger.js'
import { benchStartUp } from './start-up.js'
import { type BenchRow, benchTable } from './table.js'

/** `npm run bench`: prints what was measured beside what is wanted, and judges nothing. `--quick` takes fewer rounds; `--no-lab` leaves the lab out. */
async function main(args: readonly string[]): Promise<void> {
  const rounds = args.includes('--quick')
    ? { startUp: 5, growth: 1, ledger: 3 }
    : { startUp: 20, growth: 3, ledger: 10 }
  await buildPackages({ staleOnly: true })
  const folder = await mkdtemp(join(tmpdir(), 'janus-bench-'))
  try {
    const home = join(folder, 'home')
    await mkdir(home)
    const env = { HOME: home, PATH: process.env.PATH ?? '' }
    print('Start-up', await benchStartUp(rounds.startUp, env))
    print('Growth, start-up taken off', await benchGrowth(folder, rounds.growth, env))
    print('Ledger', await benchLedger(folder, rounds.ledger))
    const inLab = args.includes('--no-lab') ? undefined : await benchInLab()
    if (inLab) print('In the lab', inLab)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function print(heading: string, rows: readonly BenchRow[]): void {
  process.stdout.write(`${benchTable(heading, rows)}\n`)
}

await main(process.argv.slice(2))
