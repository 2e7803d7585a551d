import { janusError, type NumaNode, type PciLocality, type Topology } from '@janus/core'
import type { UsedCore } from './choose-cores.js'
import type { Place } from './places.js'
import { memoryWords } from './words.js'

/** Where memory comes from. */
export interface MemoryBinding {
  /** Node numbers, nearest first; empty when it cannot be bound. */
  readonly nodes: readonly number[]
  /** Why not, or not as it should be. */
  readonly compromise?: string
  readonly because: string
}

/**
 * Chooses the nodes that memory comes from: those of the cores; further ones, nearest first, until there is enough.
 * @param places those of the cores, the one to prefer first
 * @throws JANUS_HOST_UNFIT when all nodes together have less than is asked for
 */
export function bindMemory(
  { nodes, problems }: Topology,
  places: readonly Place[],
  used: readonly UsedCore[],
  device: PciLocality | undefined,
  memoryKiB: number | undefined,
): MemoryBinding {
  if (nodes.length === 0) return { nodes: [], because: 'the host shows no memory nodes' }
  if (problems.some(({ id }) => id === 'numa-overlap')) {
    const because = 'its NUMA tables contradict each other, so that nobody knows which memory is near'
    return { nodes: [], because, compromise: `memory is not bound: ${because}` }
  }
  requireMemory(nodes, memoryKiB)
  const own = new Set(used.flatMap(({ core }) => core.node ?? []))
  const first = places.find(({ node }) => node !== undefined && own.has(node.id))
  const near = nearestFirst(nodes, first?.node?.id ?? device?.node)
  const homes = near.filter(({ id, memoryKiB: size }) => own.has(id) && size !== 0)
  const chosen = homes.length > 0 ? [...homes] : near.filter(({ memoryKiB: size }) => size !== 0).slice(0, 1)
  for (const node of near) {
    if (holds(chosen, memoryKiB)) break
    if (!chosen.includes(node)) chosen.push(node)
  }
  const ids = chosen.map(({ id }) => id)
  const words = ids.length === 1 ? `node ${ids[0]}` : `nodes ${ids.join(', ')}`
  const extra = chosen.filter(({ id }) => !own.has(id)).map(({ id }) => id)
  if (extra.length === 0) return { nodes: ids, because: `memory of ${words}, that of the cores` }
  const reason = homes.length === 0 ? 'the node of the cores has no memory' : 'the node of the cores has not enough'
  const because = `memory of ${words}: ${reason}`
  return {
    nodes: ids,
    because,
    compromise: `part of the memory is on another node than the cores (${places.length === 1 ? because : words})`,
  }
}

function requireMemory(nodes: readonly NumaNode[], memoryKiB: number | undefined): void {
  if (memoryKiB === undefined || nodes.some((node) => node.memoryKiB === undefined)) return
  const total = nodes.reduce((sum, node) => sum + (node.memoryKiB ?? 0), 0)
  if (total >= memoryKiB) return
  const message = `${memoryWords(memoryKiB)} of memory are asked for, and the host has ${memoryWords(total)}`
  throw janusError('JANUS_HOST_UNFIT', message, {
    data: { memoryKiB, totalKiB: total },
    remedy: 'Ask for less memory.',
  })
}

function nearestFirst(nodes: readonly NumaNode[], origin: number | undefined): readonly NumaNode[] {
  const distances = nodes.find(({ id }) => id === origin)?.distances
  const distanceOf = (node: NumaNode): number => (node.id === origin ? -1 : (distances?.[nodes.indexOf(node)] ?? 0))
  return [...nodes].sort((a, b) => distanceOf(a) - distanceOf(b) || a.id - b.id)
}

function holds(nodes: readonly NumaNode[], memoryKiB: number | undefined): boolean {
  if (memoryKiB === undefined || nodes.some((node) => node.memoryKiB === undefined)) return true
  return nodes.reduce((sum, node) => sum + (node.memoryKiB ?? 0), 0) >= memoryKiB
}
