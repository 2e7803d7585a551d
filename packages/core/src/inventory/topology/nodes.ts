import type { Host } from '../../contract/host.js'
import type { NumaNode, TopologyProblem } from '../../contract/topology.js'
import { formatCpuList } from '../cpu-list.js'
import { listNames } from '../read-value.js'
import { readAttribute, readCpuSet } from './cpu-sets.js'

/** Directory of the NUMA nodes. */
export const NODES = '/sys/devices/system/node'

/** The NUMA nodes that can be believed, and what was wrong with the tables. */
export interface NodeReading {
  readonly nodes: readonly NumaNode[]
  readonly problems: readonly TopologyProblem[]
}

interface RawNode {
  readonly id: number
  readonly cpus: readonly number[]
  readonly memoryKiB: number | undefined
  readonly distances: readonly number[] | undefined
}

/** Distance of a node to itself (ACPI, System Locality Information Table); 255 is "unreachable". */
const LOCAL_DISTANCE = 10

/**
 * Reads the NUMA nodes. A CPU belongs to one node: of nodes that claim the same CPU only the first is kept, because nobody
 * can tell which of them its memory is close to. Nodes without CPUs are nodes of memory alone.
 * @param online numbers of the online CPUs
 */
export async function readNodes(host: Host, online: readonly number[]): Promise<NodeReading> {
  const isOnline = new Set(online)
  const raw: RawNode[] = []
  for (const id of await nodeNumbers(host)) raw.push(await readNode(host, id, isOnline))
  const { kept, problems } = withoutOverlaps(raw)
  const uncovered = uncoveredProblem(kept, online)
  if (uncovered !== undefined) problems.push(uncovered)
  const columns = kept.map(({ id }) => raw.findIndex((node) => node.id === id))
  const tables = kept.map((node) => distancesOf(node, columns, raw.length))
  const broken = distanceProblem(kept, tables)
  if (broken !== undefined) problems.push(broken)
  return {
    nodes: kept.map(({ id, cpus, memoryKiB }, index) => {
      const distances = broken === undefined ? tables[index] : undefined
      return {
        id,
        cpus,
        ...(memoryKiB === undefined ? {} : { memoryKiB }),
        ...(distances === undefined ? {} : { distances }),
      }
    }),
    problems,
  }
}

async function nodeNumbers(host: Host): Promise<readonly number[]> {
  const names = await listNames(host, NODES)
  return names
    .flatMap((name) => /^node(\d{1,5})$/.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b)
}

async function readNode(host: Host, id: number, isOnline: ReadonlySet<number>): Promise<RawNode> {
  const directory = `${NODES}/node${id}`
  const cpus = (await readCpuSet(host, [`${directory}/cpulist`, `${directory}/cpumap`])) ?? []
  const total = /^Node \d+ MemTotal:\s+(\d{1,15}) kB/m.exec(
    (await readAttribute(host, `${directory}/meminfo`)) ?? '',
  )?.[1]
  const distances = await readAttribute(host, `${directory}/distance`)
  return {
    id,
    cpus: cpus.filter((cpu) => isOnline.has(cpu)),
    memoryKiB: total === undefined ? undefined : Number(total),
    distances:
      distances !== undefined && /^\d{1,3}( +\d{1,3})*$/.test(distances)
        ? distances.split(/ +/).map(Number)
        : undefined,
  }
}

function withoutOverlaps(raw: readonly RawNode[]): { kept: readonly RawNode[]; problems: TopologyProblem[] } {
  const owners = new Map<number, number>()
  const kept: RawNode[] = []
  const dropped: RawNode[] = []
  for (const node of raw) {
    if (node.cpus.some((cpu) => owners.has(cpu))) {
      dropped.push(node)
      continue
    }
    for (const cpu of node.cpus) owners.set(cpu, node.id)
    kept.push(node)
  }
  if (dropped.length === 0) return { kept, problems: [] }
  const [first] = dropped
  const owner = owners.get(first?.cpus.find((cpu) => owners.has(cpu)) ?? -1)
  const names = dropped.map(({ id }) => id)
  return {
    kept,
    problems: [
      {
        id: 'numa-overlap',
        summary: `NUMA ${names.length === 1 ? `node ${names[0]} claims` : `nodes ${names.join(', ')} claim`} CPUs that belong to another node already`,
        evidence: raw
          .filter(({ id }) => id === owner || id === first?.id)
          .map(({ id, cpus }) => ({ path: `${NODES}/node${id}/cpulist`, value: formatCpuList(cpus) })),
      },
    ],
  }
}

/** On a host of several nodes every CPU belongs to one. */
function uncoveredProblem(nodes: readonly RawNode[], online: readonly number[]): TopologyProblem | undefined {
  if (nodes.length < 2) return undefined
  const covered = new Set(nodes.flatMap(({ cpus }) => cpus))
  const missing = online.filter((cpu) => !covered.has(cpu))
  if (missing.length === 0) return undefined
  const summary = `${missing.length} CPUs belong to no NUMA node, CPU ${missing[0]} among them`
  return {
    id: 'numa-uncovered',
    summary,
    evidence: [{ path: NODES, value: `${covered.size} CPUs in ${nodes.length} nodes` }],
  }
}

/** The row of the table for the nodes that are kept; undefined when it has not one number for every node. */
function distancesOf({ distances }: RawNode, columns: readonly number[], nodes: number): readonly number[] | undefined {
  return distances?.length === nodes ? columns.map((column) => distances[column] ?? 0) : undefined
}

/** A node is nearest to itself, and farther from at least one other; a table that says otherwise tells nothing. */
function distanceProblem(
  nodes: readonly RawNode[],
  tables: readonly (readonly number[] | undefined)[],
): TopologyProblem | undefined {
  if (nodes.length < 2 || nodes.every(({ distances }) => distances === undefined)) return undefined
  const wrong = nodes.findIndex((_, index) => !isBelievable(tables[index], index))
  const node = nodes[wrong]
  if (node === undefined) return undefined
  const value = node.distances?.slice(0, 64).join(' ')
  return {
    id: 'numa-distances',
    summary: `the distances of NUMA node ${node.id} cannot be: it is not nearer to itself than to others`,
    evidence: [{ path: `${NODES}/node${node.id}/distance`, ...(value === undefined ? {} : { value }) }],
  }
}

function isBelievable(distances: readonly number[] | undefined, self: number): boolean {
  const own = distances?.[self]
  if (distances === undefined || own === undefined || own < LOCAL_DISTANCE) return false
  return distances.every((distance, index) => index === self || distance > own)
}
