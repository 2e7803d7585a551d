import type { CpuCache, CpuCore, Topology } from '@janus/core'
import { groupByCache, type UsedCore } from './choose-cores.js'
import type { Place } from './places.js'

/**
 * The cores that are kept for the host: that of the first CPU, where interrupts and housekeeping start; then the least
 * capable kind, then those away from the place that the virtual machine would get, then those beside the first.
 * @param count how many, one at least
 * @param home the place that the virtual machine gets first
 */
export function reserveCores(topology: Topology, count: number, home: Place | undefined): readonly CpuCore[] {
  const first = bootCore(topology)
  if (first === undefined) return []
  const beside = new Set(neighbours(topology.cores, topology.caches, first))
  const wanted = new Set(home?.cores)
  const others = topology.cores
    .filter((core) => core !== first)
    .sort(
      (a, b) =>
        b.kind - a.kind ||
        Number(wanted.has(a)) - Number(wanted.has(b)) ||
        Number(beside.has(b)) - Number(beside.has(a)) ||
        leadOf(a) - leadOf(b),
    )
  return [first, ...others.slice(0, count - 1)]
}

/** CPUs for the emulator and for I/O threads. */
export interface ServingCpus {
  readonly emulator: readonly number[]
  readonly io: readonly number[]
  /** True when they are of the place of the virtual machine. */
  readonly isNear: boolean
}

/**
 * Chooses the CPUs of the host that serve the virtual machine: reserved cores of its place; else what is left there; else
 * the reserved ones wherever they are. I/O threads get a core of their own where there are two.
 */
export function chooseServing(
  reserved: readonly CpuCore[],
  used: readonly UsedCore[],
  cores: readonly CpuCore[],
): ServingCpus {
  const taken = new Set(used.map(({ core }) => core))
  const nodes = new Set(used.map(({ core }) => core.node))
  const isNear = (core: CpuCore): boolean => nodes.has(core.node)
  const left = cores
    .filter((core) => !taken.has(core) && isNear(core))
    .sort((a, b) => b.kind - a.kind || leadOf(a) - leadOf(b))
  const near = reserved.filter(isNear)
  const [first, second] = near.length > 0 ? near : left.length > 0 ? left.slice(0, 1) : reserved
  const emulator = first?.cpus ?? []
  return { emulator, io: second?.cpus ?? emulator, isNear: first !== undefined && isNear(first) }
}

function bootCore({ cores }: Topology): CpuCore | undefined {
  return cores.reduce<CpuCore | undefined>(
    (first, core) => (first === undefined || leadOf(core) < leadOf(first) ? core : first),
    undefined,
  )
}

function neighbours(cores: readonly CpuCore[], caches: readonly CpuCache[], core: CpuCore): readonly CpuCore[] {
  return groupByCache(cores, caches).find((group) => group.cores.includes(core))?.cores ?? []
}

function leadOf({ cpus }: CpuCore): number {
  return cpus[0] ?? 0
}
