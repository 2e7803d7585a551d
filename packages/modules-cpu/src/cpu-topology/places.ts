import { type CpuCore, formatCpuList, type NumaNode, type PciLocality, type Topology } from '@janus/core'

/** A part of the machine with cores and memory of its own: a NUMA node, or the whole machine where it has no nodes. */
export interface Place {
  readonly node?: NumaNode
  readonly cores: readonly CpuCore[]
  readonly words: string
  /** Distance from the node of the device, or from the place that comes first; undefined where no table tells it. */
  readonly distance?: number
}

/** Farther than any distance, of which the tables know 255 (ACPI, SLIT). */
const FAR = 256

/**
 * The places with cores, the one to prefer first: that of the device, then the others by their distance from its node, which
 * may be one without cores. Without a device the first place is one without CPU 0, whose node serves the host, and distances
 * are counted from there. What nothing tells apart stands by its number; CPUs of no node come last.
 */
export function orderPlaces(topology: Topology, device: PciLocality | undefined): readonly Place[] {
  const places = placesOf(topology)
  const near = new Set(device?.source === 'unknown' ? [] : device?.cpus)
  const boot = topology.threads.find(({ online }) => online)?.cpu
  const rank = (place: Place): number => {
    if (device?.node !== undefined) return place.node?.id === device.node ? 0 : 1
    if (near.size > 0) return place.cores.some(({ cpus }) => cpus.some((cpu) => near.has(cpu))) ? 0 : 1
    return place.node === undefined || place.cores.some(({ cpus }) => cpus.includes(boot ?? 0)) ? 1 : 0
  }
  const [first] = [...places].sort((a, b) => rank(a) - rank(b) || idOf(a) - idOf(b))
  const origin = topology.nodes.find(({ id }) => id === device?.node) ?? first?.node
  const distanceOf = (place: Place): number | undefined => {
    const index = topology.nodes.findIndex(({ id }) => id === place.node?.id)
    return index < 0 ? undefined : origin?.distances?.[index]
  }
  return places
    .map((place) => {
      const distance = distanceOf(place)
      return distance === undefined ? place : { ...place, distance }
    })
    .sort(
      (a, b) =>
        (device === undefined ? 0 : rank(a) - rank(b)) ||
        (a.distance ?? FAR) - (b.distance ?? FAR) ||
        rank(a) - rank(b) ||
        idOf(a) - idOf(b),
    )
}

function placesOf({ nodes, cores, problems }: Topology): readonly Place[] {
  const whole: Place = { cores, words: 'the machine' }
  // Where tables contradict each other, a node says nothing about which memory is near.
  if (problems.some(({ id }) => id === 'numa-overlap')) return [whole]
  const places = nodes.flatMap((node): readonly Place[] => {
    const own = cores.filter((core) => core.node === node.id)
    return own.length === 0 ? [] : [{ node, cores: own, words: `node ${node.id}` }]
  })
  const elsewhere = cores.filter(({ node }) => !places.some((place) => place.node?.id === node))
  if (places.length === 0) return [whole]
  if (elsewhere.length === 0) return places
  const words = `CPUs of no node (${formatCpuList(elsewhere.flatMap(({ cpus }) => cpus))})`
  return [...places, { cores: elsewhere, words }]
}

function idOf({ node }: Place): number {
  return node?.id ?? Number.MAX_SAFE_INTEGER
}
