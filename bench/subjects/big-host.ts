import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createSnapshotHost } from '../../packages/core/src/host/snapshot-host.js'
import { readTopology } from '../../packages/core/src/inventory/index.js'
import { proposePinning } from '../../packages/modules-cpu/src/index.js'
import { runProgram } from '../../scripts/run-program.js'
import { addressOf, BIG_HOST, syntheticHost } from '../fixtures/synthetic-host.js'
import { interleavedDurations } from '../measuring/interleaved.js'
import { processorTimes } from '../measuring/processor-time.js'
import { LAUNCHER } from '../measuring/run-janus.js'
import { defineBenchSubject } from '../report/bench-subject.js'

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
const NODE = 'node -e 0'
const PARSING = 'JSON.parse of the snapshot'

/** What it costs to check a big host, and to plan a full profile for it. */
export const bigHost = defineBenchSubject({
  id: 'big-host',
  title: 'A host of 512 CPUs, 16 NUMA nodes, 2,000 PCI functions',
  rows: {
    'read-snapshot': { what: 'node that parses the snapshot, processor time', unit: 'ms', calibration: NODE },
    check: { what: 'janus check, processor time', unit: 'ms', calibration: NODE },
    'check-cpu-topology': { what: 'janus check cpu-topology, processor time', unit: 'ms', calibration: NODE },
    topology: { what: 'janus topology --vcpus 16, processor time', unit: 'ms', calibration: NODE },
    'profile-plan': { what: 'janus profile plan of five modules, processor time', unit: 'ms', calibration: NODE },
    'read-topology': { what: 'readTopology, in one process', unit: 'ms', calibration: PARSING },
    'propose-pinning': { what: 'proposePinning, in one process', unit: 'ms', calibration: PARSING },
  },
  async measure({ folder, quick, env }) {
    const [host, profile] = [join(folder, 'big-host.json'), join(folder, 'bench.json')]
    await writeFile(host, JSON.stringify(syntheticHost()))
    await writeFile(profile, JSON.stringify(PROFILE))
    const planning = ['profile', 'plan', profile, '--host', host]
    const refusal = await refusalOf(planning, env)
    const launched = (...args: readonly string[]): readonly string[] => [process.execPath, LAUNCHER, ...args]
    const read = `JSON.parse(require('fs').readFileSync(${JSON.stringify(host)}))`
    const { processor } = await processorTimes(
      {
        node: [process.execPath, '-e', '0'],
        read: [process.execPath, '-e', read],
        check: launched('check', '--json', '--host', host),
        checkTopology: launched('check', 'cpu-topology', '--json', '--host', host),
        topology: launched('topology', '--vcpus', '16', '--device', DEVICE, '--host', host),
        plan: launched(...planning),
      },
      quick ? 1 : 3,
      env,
    )
    const inProcess = await inOneProcess(quick ? 3 : 10)
    return {
      'read-snapshot': () => ({ value: processor('read'), calibration: processor('node') }),
      check: () => ({ value: processor('check'), calibration: processor('node') }),
      'check-cpu-topology': () => ({ value: processor('checkTopology'), calibration: processor('node') }),
      topology: () => ({ value: processor('topology'), calibration: processor('node') }),
      'profile-plan': () => {
        if (refusal !== undefined) throw new Error(refusal)
        return { value: processor('plan'), calibration: processor('node') }
      },
      'read-topology': () => ({ value: inProcess('readTopology'), calibration: inProcess('parse') }),
      'propose-pinning': () => ({ value: inProcess('proposePinning'), calibration: inProcess('parse') }),
    }
  },
})

/** Why a command does not answer; undefined when it does. A refusal is quick, and would look like a good time. */
async function refusalOf(args: readonly string[], env: Readonly<Record<string, string>>): Promise<string | undefined> {
  const { stdout } = await runProgram(process.execPath, [LAUNCHER, ...args, '--json'], { env })
  const { ok, diagnostics } = JSON.parse(stdout) as { ok: boolean; diagnostics: readonly { summary: string }[] }
  return ok ? undefined : (diagnostics[0]?.summary ?? 'it failed without a reason')
}

/** What is left when starting, reading the snapshot and printing are taken off. */
async function inOneProcess(rounds: number): Promise<(name: 'parse' | 'readTopology' | 'proposePinning') => number> {
  const snapshot = syntheticHost()
  const text = JSON.stringify(snapshot)
  const host = createSnapshotHost(snapshot)
  const topology = await readTopology(host)
  const contenders = {
    parse: async () => void JSON.parse(text),
    readTopology: async () => void (await readTopology(host)),
    proposePinning: async () => void proposePinning(topology, { vcpus: 16, device: DEVICE }),
  }
  return (await interleavedDurations(contenders, rounds)).shortest
}
