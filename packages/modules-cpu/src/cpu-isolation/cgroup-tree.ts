import { type Host, parseCpuList } from '@janus/core'

/** Where cgroup v2 is mounted on every machine that has it (admin-guide/cgroup-v2.rst). */
export const CGROUP_ROOT = '/sys/fs/cgroup'
const MOST_GROUPS = 256

/** A cgroup with what its cpuset says. */
export interface Cgroup {
  /** Below the root of the tree: `system.slice`, `janus.slice/guest`. */
  readonly name: string
  readonly path: string
  /** Processors it is restricted to, as the kernel prints them; `''` for no restriction, undefined without the controller. */
  readonly cpus: string | undefined
  /** `member`, `isolated`, `root`, or one of them followed by `invalid (reason)`. */
  readonly partition: string | undefined
}

/** The cgroup tree as far as processors are concerned, or why it cannot be used. */
export type CgroupTree =
  | {
      readonly usable: true
      /** Controllers that exist, in the kernel's order. */
      readonly controllers: readonly string[]
      /** Controllers that the groups below the root have. */
      readonly enabled: readonly string[]
      /** The groups below the root, and those below partitions. */
      readonly groups: readonly Cgroup[]
      /** Processors that the kernel itself lists as isolated by partitions (6.7 and newer). */
      readonly isolated: readonly number[] | undefined
    }
  | {
      readonly usable: false
      readonly reason: string
      readonly path: string
      readonly value?: string
      /** There may be such a tree: it cannot be read. */
      readonly isHidden?: boolean
    }

/** Reads the tree from the root to the partitions; what is below ordinary groups does not matter for whole processors. */
export async function readCgroupTree(host: Host): Promise<CgroupTree> {
  const controllersPath = `${CGROUP_ROOT}/cgroup.controllers`
  const text = await host.readText(controllersPath)
  if (text.value === undefined) return unusable(host, text.unreadable)
  const controllers = words(text.value)
  if (!controllers.includes('cpuset')) {
    const isOld = await host.exists(`${CGROUP_ROOT}/cpuset`)
    const reason = isOld
      ? 'the controller cpuset belongs to cgroup version 1'
      : 'the cgroup tree has no controller cpuset'
    return { usable: false, reason, path: controllersPath, value: text.value.trim() }
  }
  // Only the true root lacks these files: what a container sees as its root is a group of the host's.
  if (await host.exists(`${CGROUP_ROOT}/cgroup.type`)) {
    const reason = 'this is a container: its cgroup tree is a part of the host’s, which its processors are taken from'
    return { usable: false, reason, path: `${CGROUP_ROOT}/cgroup.type` }
  }
  const isolated = (await host.readText(`${CGROUP_ROOT}/cpuset.cpus.isolated`)).value
  return {
    usable: true,
    controllers,
    enabled: words((await host.readText(`${CGROUP_ROOT}/cgroup.subtree_control`)).value ?? ''),
    groups: await readGroups(host, ''),
    isolated: isolated === undefined ? undefined : parseCpuList(isolated),
  }
}

/** True for a partition, valid or not. */
export function isPartition({ partition = 'member' }: Pick<Cgroup, 'partition'>): boolean {
  return !partition.startsWith('member')
}

/** True for a partition that has its processors. */
export function isValidPartition(group: Pick<Cgroup, 'partition'>): boolean {
  return isPartition(group) && !group.partition?.includes('invalid')
}

/**
 * True for a group that may not have all of these processors. A list that names all there is keeps it to nothing: it is what
 * an undo leaves, because the kernel clears no list of a group that has tasks.
 */
export function isKeptFrom({ cpus = '' }: Cgroup, these: readonly number[]): boolean {
  const own = parseCpuList(cpus) ?? []
  return cpus !== '' && these.some((cpu) => !own.includes(cpu))
}

async function readGroups(host: Host, parent: string): Promise<readonly Cgroup[]> {
  const groups: Cgroup[] = []
  const names = (await host.list(`${CGROUP_ROOT}${parent}`)).value ?? []
  // A file of the kernel always has a controller's name in front, a group may have any other.
  for (const name of names.slice(0, MOST_GROUPS)) {
    const path = `${CGROUP_ROOT}${parent}/${name}`
    if (!(await host.exists(`${path}/cgroup.procs`))) continue
    const cpus = (await host.readText(`${path}/cpuset.cpus`)).value?.trim()
    const partition = (await host.readText(`${path}/cpuset.cpus.partition`)).value?.trim()
    const group = { name: `${parent}/${name}`.slice(1), path, cpus, partition }
    groups.push(group)
    if (isPartition(group)) groups.push(...(await readGroups(host, `${parent}/${name}`)))
  }
  return groups
}

async function unusable(host: Host, unreadable: string | undefined): Promise<CgroupTree> {
  const path = `${CGROUP_ROOT}/cgroup.controllers`
  if (unreadable !== undefined)
    return { usable: false, reason: `${path} cannot be read: ${unreadable}`, path, isHidden: true }
  const old = `${CGROUP_ROOT}/cpuset`
  if (await host.exists(old)) {
    return { usable: false, reason: 'the controller cpuset belongs to cgroup version 1', path: old }
  }
  return { usable: false, reason: 'no cgroup version 2 is mounted', path }
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/).filter(Boolean)
}
