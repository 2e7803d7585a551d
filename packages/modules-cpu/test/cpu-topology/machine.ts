import type { CpuCore, PciAddress, Topology } from '@janus/core'

/** What a machine of equal parts is made of. */
export interface MachineShape {
  readonly nodes?: number
  /** Last-level caches of a node. */
  readonly caches?: number
  /** Cores of a cache. */
  readonly cores?: number
  readonly threads?: number
  /** Cores of one thread that follow in each cache, of a kind of their own. */
  readonly efficiency?: number
  readonly memoryKiB?: number
  /** CPUs that are not online. */
  readonly offline?: readonly number[]
  /** Node of the device 0000:01:00.0; null: nobody knows. */
  readonly device?: number | null
}

export const DEVICE = '0000:01:00.0' as PciAddress
const GIBI = 1024 * 1024

/** A machine as `readTopology` tells it: second threads are numbered behind all first ones, as Linux does on x86. */
export function machine(shape: MachineShape = {}): Topology {
  const { nodes = 1, caches = 1, cores = 4, threads = 2, efficiency = 0, memoryKiB = 16 * GIBI, device } = shape
  const offline = new Set(shape.offline)
  const big = nodes * caches * cores
  const bases = Array.from({ length: big }, (_, index) =>
    Array.from({ length: threads }, (_, thread) => index + thread * big),
  )
  const small = Array.from({ length: nodes * caches * efficiency }, (_, index) => [big * threads + index])
  const placed = [
    ...bases.map((cpus, index) => ({ cpus, cache: Math.floor(index / cores), kind: 0 })),
    ...small.map((cpus, index) => ({ cpus, cache: Math.floor(index / efficiency), kind: 1 })),
  ].map((core) => ({ ...core, cpus: core.cpus.filter((cpu) => !offline.has(cpu)) }))
  const present = placed.filter(({ cpus }) => cpus.length > 0).sort((a, b) => (a.cpus[0] ?? 0) - (b.cpus[0] ?? 0))
  const made: readonly CpuCore[] = present.map(({ cpus, cache, kind }, index) => {
    const node = Math.floor(cache / caches)
    return { id: index, package: node, node, kind, cpus }
  })
  const coreOf = new Map(made.flatMap(({ cpus }, index) => cpus.map((cpu) => [cpu, index] as const)))
  const all = placed.length === 0 ? 0 : big * threads + small.length
  const online = made.flatMap(({ cpus }) => cpus).sort((a, b) => a - b)
  const cpusOf = (matches: (core: CpuCore) => boolean) =>
    made
      .filter(matches)
      .flatMap(({ cpus }) => cpus)
      .sort((a, b) => a - b)
  return {
    threads: Array.from({ length: all }, (_, cpu) => {
      const core = coreOf.get(cpu)
      return { cpu, online: core !== undefined, ...(core === undefined ? {} : { core }) }
    }),
    cores: made,
    packages: Array.from({ length: nodes }, (_, id) => ({ id, dies: [], cpus: cpusOf((core) => core.package === id) })),
    kinds:
      efficiency === 0
        ? [{ name: 'uniform', cpus: online }]
        : [
            { name: 'performance', cpus: cpusOf(({ kind }) => kind === 0), evidence: '/sys/devices/cpu_core/cpus' },
            { name: 'efficiency', cpus: cpusOf(({ kind }) => kind === 1), evidence: '/sys/devices/cpu_core/cpus' },
          ],
    caches: Array.from({ length: nodes * caches }, (_, cache) => ({
      level: 3,
      type: 'unified' as const,
      sizeKiB: 32 * 1024,
      cpus: present
        .filter((core) => core.cache === cache)
        .flatMap(({ cpus }) => cpus)
        .sort((a, b) => a - b),
    })),
    nodes: Array.from({ length: nodes }, (_, id) => ({
      id,
      cpus: cpusOf((core) => core.node === id),
      memoryKiB,
      distances: Array.from({ length: nodes }, (_, other) => (other === id ? 10 : 20 + Math.abs(other - id))),
    })),
    devices:
      device === undefined
        ? []
        : [
            device === null
              ? { address: DEVICE, cpus: online, source: 'unknown', evidence: '/sys' }
              : {
                  address: DEVICE,
                  node: device,
                  cpus: cpusOf(({ node }) => node === device),
                  source: 'device',
                  evidence: '/sys',
                },
          ],
    problems: [],
  }
}
