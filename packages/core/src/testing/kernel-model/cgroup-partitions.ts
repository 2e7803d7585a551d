import { type Cgroup, effectiveCpus, isPopulated, isValidPartition, type PartitionKind } from './cgroup-state.js'

/** What `cpuset.cpus.partition` reads as. */
export function partitionText({ partition, invalid }: Cgroup): string {
  return invalid === undefined ? partition : `${partition} invalid (${invalid})`
}

/** Takes what was asked for; whether the group then is that partition depends on its processors and its neighbours. */
export function requestPartition(group: Cgroup, kind: PartitionKind): void {
  group.partition = 'member'
  group.invalid = undefined
  if (kind === 'member') return
  const reason = reasonAgainst(group)
  group.partition = kind
  group.invalid = reason
}

/** Partitions that have become impossible are invalid from then on; none becomes valid by itself. */
export function revalidate(group: Cgroup): void {
  for (const child of group.children.values()) {
    if (isValidPartition(child)) {
      const { partition } = child
      requestPartition(child, partition)
    }
    revalidate(child)
  }
}

/** The kernel's words (kernel/cgroup/cpuset.c, perr_strings). */
function reasonAgainst(group: Cgroup): string | undefined {
  const { parent, cpus } = group
  if (parent === undefined) return undefined
  if (cpus.length === 0) return 'cpuset.cpus is empty'
  if (parent.parent !== undefined && !isValidPartition(parent)) return 'Parent is not a partition root'
  const siblings = [...parent.children.values()].filter((sibling) => sibling !== group)
  if (siblings.some((sibling) => sibling.cpus.some((cpu) => cpus.includes(cpu))))
    return 'Cpu list in cpuset.cpus not exclusive'
  const left = effectiveCpus(parent).filter((cpu) => !cpus.includes(cpu))
  const isNeeded =
    parent.tasks.length > 0 || siblings.some((sibling) => !isValidPartition(sibling) && isPopulated(sibling))
  if (left.length === 0 && isNeeded) return 'Parent unable to distribute cpu downstream'
  return undefined
}
