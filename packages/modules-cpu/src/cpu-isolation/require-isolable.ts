import { formatCpuList, type Host, janusError, parseCpuList } from '@janus/core'
import { CGROUP_ROOT, type Cgroup, type CgroupTree, isPartition, isValidPartition } from './cgroup-tree.js'
import type { CpuIsolationOptions } from './options.js'
import { common, cpuWords, groupOf, modeOf, type Situation, without } from './situation.js'

/** A situation in which the processors can be isolated. */
export interface Isolable {
  readonly mode: 'partition' | 'restrict' | 'systemd'
  readonly tree: Extract<CgroupTree, { usable: true }>
  readonly cpus: readonly number[]
  /** What is left for the host. */
  readonly remaining: readonly number[]
  /** What a group without a list of its own may have, processors that are offline included: those that no other partition has. */
  readonly all: readonly number[]
}

/**
 * Refuses what the kernel would take without a word and not do, or what would leave the host without a processor.
 * @throws JANUS_HOST_UNFIT with the file and the value that say so; JANUS_HOST_LACKS_FEATURE without cpusets of cgroup
 * version 2; JANUS_HOST_UNREADABLE where the processors or the cgroups are not shown
 */
export function requireIsolable(host: Host, options: CpuIsolationOptions, situation: Situation): Isolable {
  const { tree, online, present = online } = situation
  const mode = modeOf(options, situation)
  if (online === undefined || present === undefined)
    throw janusError('JANUS_HOST_UNREADABLE', `${host.description} does not show its processors`, {
      data: { path: '/sys/devices/system/cpu/online' },
    })
  if (!tree.usable) {
    const remedy =
      'Boot with systemd.unified_cgroup_hierarchy=1 or mount cgroup2 on /sys/fs/cgroup; in a container, ask on its host.'
    const code = tree.isHidden ? 'JANUS_HOST_UNREADABLE' : 'JANUS_HOST_LACKS_FEATURE'
    const data = { root: CGROUP_ROOT, path: tree.path, value: tree.value }
    throw janusError(code, `processors cannot be isolated here: ${tree.reason}`, { remedy, data })
  }
  requireManager(mode, options, situation)
  requireOnline(options.cpus, situation, online)
  requireRest(options.cpus, tree, online)
  requireFree(options, mode, situation, tree)
  const taken = foreignPartitions(options, mode, tree).flatMap(cpusOf)
  const remaining = without(online, [...options.cpus, ...taken])
  return { mode, tree, cpus: options.cpus, remaining, all: without(present, taken) }
}

function requireManager(mode: Isolable['mode'], options: CpuIsolationOptions, { hasSystemd }: Situation): void {
  const data = { path: '/run/systemd/system' }
  if (mode === 'systemd' && !hasSystemd)
    throw unfit('systemd does not run this host', 'Leave the option mode away, or choose partition.', data)
  if (mode !== 'systemd' && hasSystemd) {
    const message = `systemd owns the cgroup tree of this host (/run/systemd/system exists): it would undo what ${mode} does`
    throw unfit(message, 'Leave the option mode away: then AllowedCPUs of its slices is set.', data)
  }
  if (mode !== 'systemd' && options.persistent === true)
    throw unfit('cgroups end with the boot; only systemd can isolate persistently', 'Leave persistent away.', data)
}

function requireOnline(cpus: readonly number[], { present }: Situation, online: readonly number[]): void {
  const missing = without(cpus, online)
  if (missing.length === 0) return
  const offline = common(missing, present ?? [])
  const path = '/sys/devices/system/cpu/online'
  const what =
    offline.length > 0
      ? `${cpuWords(offline)} ${offline.length === 1 ? 'is' : 'are'} offline`
      : `there ${missing.length === 1 ? 'is no' : 'are no'} ${cpuWords(missing)}`
  throw unfit(`${what} (${path}: ${formatCpuList(online)})`, 'Name processors that are online.', {
    path,
    value: formatCpuList(online),
  })
}

function requireRest(cpus: readonly number[], tree: Isolable['tree'], online: readonly number[]): void {
  const others = tree.groups.filter((group) => isValidPartition(group) && without(cpusOf(group), cpus).length > 0)
  const rest = without(online, [...cpus, ...others.flatMap(cpusOf)])
  if (rest.length > 0) return
  const path = '/sys/devices/system/cpu/online'
  const message = `no processor would be left for the host: ${formatCpuList(online)} are online (${path})`
  throw unfit(message, 'Leave the host at least one processor.', { path, value: formatCpuList(online) })
}

function requireFree(
  options: CpuIsolationOptions,
  mode: Isolable['mode'],
  { bootIsolated }: Situation,
  tree: Isolable['tree'],
): void {
  const { cpus } = options
  const isolated = common(cpus, bootIsolated)
  if (isolated.length > 0) {
    const path = '/sys/devices/system/cpu/isolated'
    const message = `${cpuWords(isolated)} ${isolated.length === 1 ? 'is' : 'are'} isolated since boot by isolcpus= (${path}: ${formatCpuList(bootIsolated)})`
    throw unfit(message, 'Guests can be pinned to them as they are; or boot without isolcpus=.', {
      path,
      value: formatCpuList(bootIsolated),
    })
  }
  for (const group of foreignPartitions(options, mode, tree)) {
    const shared = common(cpus, cpusOf(group))
    if (shared.length === 0) continue
    const path = `${group.path}/cpuset.cpus`
    const message = `${cpuWords(shared)} already belong${shared.length === 1 ? 's' : ''} to the partition ${group.name} (${path}: ${group.cpus})`
    throw unfit(message, 'Name other processors, or give that partition up first.', { path, value: group.cpus })
  }
  if (mode === 'partition') requireExclusive(options, tree)
}

/** A partition may share no processor with a sibling that names it (admin-guide/cgroup-v2.rst, cpuset.cpus.partition). */
function requireExclusive(options: CpuIsolationOptions, { groups }: Isolable['tree']): void {
  const own = groupOf(options, 'partition')
  for (const group of groups) {
    if (group.name === own || group.name.includes('/')) continue
    const shared = common(options.cpus, cpusOf(group))
    if (shared.length === 0) continue
    const path = `${group.path}/cpuset.cpus`
    const message = `the cgroup ${group.name} names ${cpuWords(shared)} for itself (${path}: ${group.cpus}), so no partition can have ${shared.length === 1 ? 'it' : 'them'}`
    throw unfit(message, 'Restrict that cgroup to other processors first.', { path, value: group.cpus })
  }
}

function foreignPartitions(
  options: CpuIsolationOptions,
  mode: Isolable['mode'],
  { groups }: Isolable['tree'],
): Cgroup[] {
  const own = mode === 'partition' ? groupOf(options, mode) : undefined
  return groups.filter((group) => isPartition(group) && group.name !== own && !group.name.startsWith(`${own}/`))
}

function cpusOf({ cpus = '' }: Cgroup): readonly number[] {
  return parseCpuList(cpus) ?? []
}

function unfit(message: string, remedy: string, data: Readonly<Record<string, unknown>>): Error {
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data: { root: CGROUP_ROOT, ...data } })
}
