import { access, constants, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildPackages } from '../scripts/build-packages.js'
import { benchApprovals } from './agent-approvals.js'
import { benchDaemon } from './agent-daemon.js'
import { benchAgentOpening } from './agent-history.js'
import { benchPending } from './agent-pending.js'
import { benchSandbox } from './agent-sandbox.js'
import { benchStop } from './agent-stop.js'
import { benchDiscovery } from './discovery.js'
import { benchGrowth } from './growth.js'
import { benchInLab } from './in-lab.js'
import { benchIsolation } from './isolation.js'
import { benchLedger } from './ledger.js'
import { benchProfile } from './profile.js'
import { benchOpening, benchProducers } from './segmented-ledger.js'
import { benchStartUp } from './start-up.js'
import { type BenchRow, benchTable } from './table.js'

/** `npm run bench`: prints what was measured beside what is wanted, and judges nothing. `--quick` takes fewer rounds, and fewer events of the agent; `--no-lab` leaves the lab out. */
async function main(args: readonly string[]): Promise<void> {
  const rounds = args.includes('--quick')
    ? { startUp: 5, growth: 1, ledger: 3, history: 1, isolation: 3, agent: 1, events: 100_000 }
    : { startUp: 20, growth: 3, ledger: 10, history: 3, isolation: 20, agent: 5, events: 1_000_000 }
  await buildPackages({ staleOnly: true })
  warnWhenBusy()
  const folder = await mkdtemp(join(tmpdir(), 'janus-bench-'))
  try {
    const home = join(folder, 'home')
    await mkdir(home)
    const env = { HOME: home, PATH: process.env.PATH ?? '' }
    // What node itself does at its start depends on it: NODE_EXTRA_CA_CERTS alone more than doubles it.
    print('Start-up, in the environment of the caller', await benchStartUp(rounds.startUp, { ...process.env, ...env }))
    print('Start-up, in an empty environment', await benchStartUp(rounds.startUp, env))
    print('Growth, start-up taken off', await benchGrowth(folder, rounds.growth, env))
    print('Discovery, start-up taken off', await benchDiscovery(folder, rounds.growth, env))
    print('A host of 512 CPUs, 16 NUMA nodes, 2,000 PCI functions', await benchProfile(folder, rounds.growth, env))
    print('Ledger', await benchLedger(folder, rounds.ledger))
    print('Ledger in segments', await benchProducers(folder, rounds.ledger))
    print('Its history', await benchOpening(folder, 1_000_000, rounds.history))
    print('Approvals of the agent', await benchApprovals(folder, rounds.agent))
    print('Proposals that wait', await benchPending(folder, 10_000))
    print('History of the agent', await benchAgentOpening(folder, rounds.events, rounds.history))
    if (await isExecutable('/usr/bin/bwrap')) {
      print('Isolation of a module', await benchIsolation(rounds.isolation, env))
      print('Sandbox of the agent', await benchSandbox(rounds.isolation))
      print('Daemon of the agent', await benchDaemon(rounds.growth))
      print('Emergency stop of the agent', await benchStop(folder, rounds.growth))
    }
    const inLab = args.includes('--no-lab') ? undefined : await benchInLab()
    if (inLab) print('In the lab', inLab)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Ratios survive a slow machine; they do not survive others competing for its processors. */
function warnWhenBusy(): void {
  const [load = 0] = loadavg()
  const processors = availableParallelism()
  if (load <= processors / 2) return
  process.stdout.write(`The load average is ${load.toFixed(1)} on ${processors} processors: expect noise.\n\n`)
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

function print(heading: string, rows: readonly BenchRow[]): void {
  process.stdout.write(`${benchTable(heading, rows)}\n`)
}

await main(process.argv.slice(2))
