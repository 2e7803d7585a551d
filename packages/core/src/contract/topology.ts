import type { PciAddress } from './pci-address.js'

/** A processing unit: what the kernel numbers as a CPU. */
export interface CpuThread {
  /** Its number: `cpu7` is 7. */
  readonly cpu: number
  readonly online: boolean
  /** Place of its core in {@link Topology.cores}; absent where the kernel does not say, as of most offline CPUs. */
  readonly core?: number
}

/** A core with its threads (SMT siblings). */
export interface CpuCore {
  /** Number the kernel gives it, unique within its die at most; absent where it gives none. */
  readonly id?: number
  readonly package: number
  readonly die?: number
  /** Cores that share something below the last cache: an L2 module of efficiency cores, a cluster of Arm cores. */
  readonly cluster?: number
  /** NUMA node; absent where there are no nodes, or the tables do not place it. */
  readonly node?: number
  /** Place of its kind in {@link Topology.kinds}; 0 is the most capable. */
  readonly kind: number
  /** Its online threads, ascending. */
  readonly cpus: readonly number[]
}

/** A processor package (socket). */
export interface CpuPackage {
  readonly id: number
  /** Numbers of its dies, where the kernel shows them. */
  readonly dies: readonly number[]
  readonly cpus: readonly number[]
}

/** Cores of one make: hybrid processors have several. */
export interface CpuKind {
  /** `uniform` where all cores are alike; else from the most to the least capable. */
  readonly name: 'uniform' | 'performance' | 'medium' | 'efficiency'
  readonly cpus: readonly number[]
  /** The path that tells the kinds apart; absent where all are alike. */
  readonly evidence?: string
}

/** A cache with the CPUs that share it. */
export interface CpuCache {
  readonly level: number
  readonly type: 'data' | 'instruction' | 'unified'
  readonly sizeKiB?: number
  readonly cpus: readonly number[]
}

/** A NUMA node. */
export interface NumaNode {
  readonly id: number
  /** Its online CPUs; none on a node of memory alone. */
  readonly cpus: readonly number[]
  readonly memoryKiB?: number
  /** Distance to every node of {@link Topology.nodes}, in their order; absent where the table is missing or broken. */
  readonly distances?: readonly number[]
}

/** Where a PCI function is close to. */
export interface PciLocality {
  readonly address: PciAddress
  /** NUMA node; absent where nobody says. */
  readonly node?: number
  /** Online CPUs close to it; all of them where nobody says. */
  readonly cpus: readonly number[]
  /** Who says: the function itself, a bridge above it, its root bus, nobody. */
  readonly source: 'device' | 'bridge' | 'root-bus' | 'unknown'
  /** The path that says it. */
  readonly evidence: string
}

/** Something in the tables of the machine that cannot be. */
export interface TopologyProblem {
  readonly id: 'numa-overlap' | 'numa-distances' | 'numa-uncovered' | 'core-across-nodes'
  readonly summary: string
  readonly evidence: readonly { readonly path: string; readonly value?: string }[]
}

/** The processors, caches, memory nodes and PCI locality of a machine. */
export interface Topology {
  readonly threads: readonly CpuThread[]
  readonly cores: readonly CpuCore[]
  readonly packages: readonly CpuPackage[]
  /** One entry, `uniform`, where all cores are alike. */
  readonly kinds: readonly CpuKind[]
  /** By level, type and first CPU. */
  readonly caches: readonly CpuCache[]
  /** Empty where the kernel shows none. */
  readonly nodes: readonly NumaNode[]
  /** `/sys/devices/system/cpu/smt/control`: `on`, `off`, `forceoff`, `notsupported`, … */
  readonly smtControl?: string
  /** Locality of the PCI functions. */
  readonly devices: readonly PciLocality[]
  readonly problems: readonly TopologyProblem[]
}
