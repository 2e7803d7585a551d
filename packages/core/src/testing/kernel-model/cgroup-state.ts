import type { CgroupTaskSpec } from './kernel-spec.js'

/** What a group asks to be (admin-guide/cgroup-v2.rst, cpuset.cpus.partition). */
export type PartitionKind = 'member' | 'isolated' | 'root'

/** A cgroup as the kernel keeps it. */
export interface Cgroup {
  /** As `/proc/<pid>/cgroup` prints it; empty for the root. */
  readonly path: string
  readonly parent: Cgroup | undefined
  readonly children: Map<string, Cgroup>
  /** Controllers that its children have. */
  readonly enabled: Set<string>
  /** Of the root: what there is. */
  readonly online: readonly number[]
  readonly tasks: CgroupTask[]
  cpus: readonly number[]
  partition: PartitionKind
  /** Why it is not the partition that it asks to be. */
  invalid: string | undefined
}

/** A task in its cgroup. */
export interface CgroupTask {
  readonly spec: CgroupTaskSpec
  group: Cgroup
}

/** True for a partition that has its processors. */
export function isValidPartition({ partition, invalid }: Cgroup): boolean {
  return partition !== 'member' && invalid === undefined
}

/** True when there is a task in it or below it. */
export function isPopulated(group: Cgroup): boolean {
  return group.tasks.length > 0 || [...group.children.values()].some(isPopulated)
}

/** What a group could give away: its processors without those that its partitions have. */
export function effectiveCpus(group: Cgroup): readonly number[] {
  const own = ownCpus(group)
  const given = [...group.children.values()].filter(isValidPartition).flatMap((child) => child.cpus)
  return own.filter((cpu) => !given.includes(cpu))
}

function ownCpus(group: Cgroup): readonly number[] {
  if (group.parent === undefined) return group.online
  if (isValidPartition(group)) return ownCpus(group.parent).filter((cpu) => group.cpus.includes(cpu))
  const above = effectiveCpus(group.parent)
  const shared = above.filter((cpu) => group.cpus.includes(cpu))
  return shared.length === 0 ? above : shared
}
