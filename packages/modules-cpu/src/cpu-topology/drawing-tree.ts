import type { CpuCore, Topology } from '@janus/core'
import { groupByCache } from './choose-cores.js'
import { count, memoryWords } from './words.js'

/** A part of the drawing: a package, a node in it, a cache in that. */
export interface Part {
  readonly heading: string
  /** What it is called in a list of parts like it: `node 3`. */
  readonly name: string
  /** The same for parts that look the same. */
  readonly shape: string
  readonly parts: readonly Part[]
  /** Cores that are drawn here; those of `parts` are drawn there. */
  readonly cores: readonly CpuCore[]
}

/** The packages of a machine with what is in them. */
export function drawingTree(topology: Topology): readonly Part[] {
  return topology.packages.map(({ id }) => {
    const cores = topology.cores.filter((core) => core.package === id)
    const nodes = [...new Set(cores.map(({ node }) => node))]
    const inside = nodes.map((node) =>
      nodePart(
        topology,
        node,
        cores.filter((core) => core.node === node),
      ),
    )
    const parts = topology.nodes.length === 0 ? inside.flatMap(({ parts: caches }) => caches) : inside
    const threads = cores.reduce((sum, { cpus }) => sum + cpus.length, 0)
    const size = `${count(cores.length, 'core')}, ${count(threads, 'thread')}`
    return part(`package ${id}`, size, parts)
  })
}

function nodePart(topology: Topology, id: number | undefined, cores: readonly CpuCore[]): Part {
  const node = topology.nodes.find((one) => one.id === id)
  const memory = node?.memoryKiB === undefined ? '' : memoryWords(node.memoryKiB)
  const packages = new Set(topology.cores.filter((core) => core.node === id).map((core) => core.package)).size
  const shared = node !== undefined && packages > 1 ? `shared by ${packages} packages` : ''
  const parts = groupByCache(cores, topology.caches).map(({ cache, cores: members }) => {
    if (cache === undefined) return { ...part('cores', '', []), shape: shapeOf(members), cores: members }
    const size = cache.sizeKiB === undefined ? '' : memoryWords(cache.sizeKiB)
    const made = part(`L${cache.level}`, size, [])
    return { ...made, shape: `${made.heading} ${shapeOf(members)}`, cores: members }
  })
  // Firmware takes a little of the first node, which makes it no other kind of node.
  const about = node?.memoryKiB === undefined ? '' : `${Math.round(node.memoryKiB / (1024 * 1024))}`
  const made = part(id === undefined ? 'no node' : `node ${id}`, [memory, shared].filter(Boolean).join(', '), parts)
  return { ...made, shape: `${about} ${parts.map(({ shape }) => shape).join(' ')}` }
}

function part(name: string, size: string, parts: readonly Part[]): Part {
  const heading = size === '' ? name : `${name}, ${size}`
  return { heading, name, shape: `${size} ${parts.map(({ shape }) => shape).join(' ')}`, parts, cores: [] }
}

function shapeOf(cores: readonly CpuCore[]): string {
  return cores.map(({ kind, cpus }) => `${kind}:${cpus.length}`).join(',')
}

/** All cores in a part. */
export function coresIn(part: Part): readonly CpuCore[] {
  return [...part.cores, ...part.parts.flatMap(coresIn)]
}
