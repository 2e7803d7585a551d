import type { Host } from '../../contract/host.js'
import type { CpuCore, CpuPackage, NumaNode, Topology, TopologyProblem } from '../../contract/topology.js'
import { formatCpuList } from '../cpu-list.js'
import { readCaches } from './caches.js'
import { type CoreReading, readCores } from './cores.js'
import { CPUS, readAttribute } from './cpu-sets.js'
import { readKinds } from './kinds.js'
import { readLocalities } from './localities.js'
import { NODES, readNodes } from './nodes.js'
import { readCpuNumbers } from './threads.js'

/**
 * Reads packages, cores, threads, kinds of cores, caches, NUMA nodes and PCI locality from sysfs, on a machine, a tree or
 * a snapshot alike. What the host does not show is left out; what cannot be is in `problems`.
 */
export async function readTopology(host: Host): Promise<Topology> {
  const { online, offline } = await readCpuNumbers(host)
  const readings = await readCores(host, online)
  const cpus = readings.map((core) => core.cpus)
  const caches = await readCaches(host, cpus)
  const kinds = await readKinds(host, cpus, caches)
  const { nodes, problems } = await readNodes(host, online)
  const smtControl = await readAttribute(host, `${CPUS}/smt/control`)
  const cores = placeCores(readings, nodes, kindByCpu(kinds))
  const coreOf = new Map(cores.flatMap((core, index) => core.cpus.map((cpu) => [cpu, index] as const)))
  return {
    threads: [
      ...online.map((cpu) => {
        const core = coreOf.get(cpu)
        return { cpu, online: true, ...(core === undefined ? {} : { core }) }
      }),
      ...offline.map((cpu) => ({ cpu, online: false })),
    ].sort((a, b) => a.cpu - b.cpu),
    cores,
    packages: packagesOf(cores),
    kinds,
    caches,
    nodes,
    ...(smtControl === undefined || smtControl === '' ? {} : { smtControl }),
    devices: await readLocalities(host, nodes, online),
    problems: [...problems, ...torn(cores, nodes)],
  }
}

function kindByCpu(kinds: Topology['kinds']): ReadonlyMap<number, number> {
  return new Map(kinds.flatMap(({ cpus }, kind) => cpus.map((cpu) => [cpu, kind] as const)))
}

function placeCores(
  readings: readonly CoreReading[],
  nodes: readonly NumaNode[],
  kindOf: ReadonlyMap<number, number>,
): readonly CpuCore[] {
  const nodeOf = new Map(nodes.flatMap(({ id, cpus }) => cpus.map((cpu) => [cpu, id] as const)))
  return [...readings]
    .sort((a, b) => (a.cpus[0] ?? 0) - (b.cpus[0] ?? 0))
    .map((core) => {
      const node = nodeOf.get(core.cpus[0] ?? -1)
      return { ...core, ...(node === undefined ? {} : { node }), kind: kindOf.get(core.cpus[0] ?? -1) ?? 0 }
    })
}

function packagesOf(cores: readonly CpuCore[]): readonly CpuPackage[] {
  const packages = new Map<number, CpuCore[]>()
  for (const core of cores) {
    const members = packages.get(core.package)
    if (members === undefined) packages.set(core.package, [core])
    else members.push(core)
  }
  return [...packages]
    .sort(([a], [b]) => a - b)
    .map(([id, members]) => ({
      id,
      dies: [...new Set(members.flatMap(({ die }) => die ?? []))].sort((a, b) => a - b),
      cpus: members.flatMap(({ cpus }) => cpus).sort((a, b) => a - b),
    }))
}

/** The threads of one core are in one place. */
function torn(cores: readonly CpuCore[], nodes: readonly NumaNode[]): readonly TopologyProblem[] {
  const nodeOf = new Map(nodes.flatMap(({ id, cpus }) => cpus.map((cpu) => [cpu, id] as const)))
  const core = cores.find(({ cpus }) => new Set(cpus.map((cpu) => nodeOf.get(cpu))).size > 1)
  if (core === undefined) return []
  const summary = `the threads ${core.cpus.join(', ')} of one core are in different NUMA nodes`
  return [
    {
      id: 'core-across-nodes',
      summary,
      evidence: nodes
        .filter(({ cpus }) => cpus.some((cpu) => core.cpus.includes(cpu)))
        .map(({ id, cpus }) => ({ path: `${NODES}/node${id}/cpulist`, value: formatCpuList(cpus) })),
    },
  ]
}
