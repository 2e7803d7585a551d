import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSnapshotHost } from '../packages/core/src/host/snapshot-host.js'
import { readTopology } from '../packages/core/src/inventory/index.js'
import { proposePinning } from '../packages/modules-cpu/src/index.js'
import { runProgram } from '../scripts/run-program.js'
import { shortestDurations } from './interleaved.js'
import { processorTimeOf } from './processor-time.js'
import { LAUNCHER } from './run-janus.js'
import { addressOf, BIG_HOST, syntheticHost } from './synthetic-host.js'
import type { BenchRow } from './table.js'

/** A function on a node that neither CPU 0 nor its package is on. */
const DEVICE = addressOf(BIG_HOST, 9)

/** All that a passthrough host wants, for one virtual machine on the node of its device. */
const PROFILE = {
  schema: 'janus.profile/1',
  name: 'bench',
  modules: [
    { module: 'gpu-vfio', options: { devices: [DEVICE] } },
    { module: 'cpu-hugepages', options: { pages: 8_192, size: '2M', node: 9 } },
    { module: 'cpu-isolation', options: { cpus: '144-151,400-407' } },
    { module: 'cpu-governor', options: { cpus: '144-151,400-407', governor: 'performance' } },
    { module: 'cpu-irq-affinity', options: { awayFrom: '144-151,400-407' } },
  ],
}

/**
 * What it costs to check a host of 512 CPUs, 16 NUMA nodes and 2,000 PCI functions, and to plan a full profile for it: as
 * ratios of processor time to a node that does nothing, in the same rounds.
 */
export async function benchProfile(
  folder: string,
  rounds: number,
  env: Readonly<Record<string, string>>,
): Promise<readonly BenchRow[]> {
  const snapshot = syntheticHost()
  const [host, profile] = [join(folder, 'big-host.json'), join(folder, 'bench.json')]
  await writeFile(host, JSON.stringify(snapshot))
  await writeFile(profile, JSON.stringify(PROFILE))
  const planning = ['profile', 'plan', profile, '--host', host]
  const refusal = await refusalOf(planning, env)
  const contenders = [
    contender('node -e 0', ['-e', '0'], env),
    contender(
      'read the snapshot: node',
      ['-e', `JSON.parse(require('fs').readFileSync(${JSON.stringify(host)}))`],
      env,
    ),
    contender('janus check', [LAUNCHER, 'check', '--json', '--host', host], env),
    contender('janus check cpu-topology', [LAUNCHER, 'check', 'cpu-topology', '--json', '--host', host], env),
    contender('janus topology', [LAUNCHER, 'topology', '--vcpus', '16', '--device', DEVICE, '--host', host], env),
    ...(refusal === undefined ? [contender('janus profile plan', [LAUNCHER, ...planning], env)] : []),
  ]
  await shortestDurations(contenders, rounds)
  const [bare] = contenders
  const rows = contenders.slice(1).map(({ name, least }): BenchRow => {
    const ratio = least() / (bare?.least() ?? Number.NaN)
    return { what: name, value: `${ratio.toFixed(2)} × node (${least().toFixed(0)} ms)` }
  })
  const failed: BenchRow = { what: 'janus profile plan', value: refusal ?? '', verdict: 'over' }
  return [
    { what: 'node -e 0', value: `${bare?.least().toFixed(0)} ms` },
    ...rows,
    ...(refusal === undefined ? [] : [failed]),
    ...(await inProcess(rounds)),
  ]
}

/** Why a command does not answer; undefined when it does. A refusal is quick, and would look like a good time. */
async function refusalOf(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string | undefined> {
  const { stdout } = await runProgram(process.execPath, [LAUNCHER, ...args, '--json'], { env })
  const { ok, diagnostics } = JSON.parse(stdout) as { ok: boolean; diagnostics: readonly { summary: string }[] }
  return ok ? undefined : (diagnostics[0]?.summary ?? 'it failed without a reason')
}

/** What is left when starting, reading the snapshot and printing are taken off. */
async function inProcess(rounds: number): Promise<readonly BenchRow[]> {
  const host = createSnapshotHost(syntheticHost())
  const topology = await readTopology(host)
  const durations = await shortestDurations(
    [
      { name: 'readTopology', run: async () => void (await readTopology(host)) },
      { name: 'proposePinning', run: async () => void proposePinning(topology, { vcpus: 16, device: DEVICE }) },
    ],
    Math.max(rounds, 3),
  )
  return [...durations].map(([name, duration]) => ({
    what: `${name}, in one process`,
    value: `${duration.toFixed(1)} ms`,
  }))
}

interface Measured {
  readonly name: string
  run(): Promise<void>
  /** Least processor time of a run so far, in milliseconds. */
  least(): number
}

function contender(name: string, args: readonly string[], env: Readonly<Record<string, string>>): Measured {
  let least = Number.POSITIVE_INFINITY
  return {
    name,
    async run() {
      least = Math.min(least, await processorTimeOf([process.execPath, ...args], env))
    },
    least: () => least,
  }
}
