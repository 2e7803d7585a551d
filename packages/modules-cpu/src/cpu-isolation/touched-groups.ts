import { dirname } from 'node:path'
import type { Host } from '@janus/core'
import { CGROUP_ROOT } from './cgroup-tree.js'
import type { CpuIsolationOptions } from './options.js'
import type { Isolable } from './require-isolable.js'
import { readRestrictedUnits } from './restricted-units.js'

/** The root of the tree, as other groups are named below it: `/system.slice`. */
const EVERYTHING = ''

/**
 * The groups whose threads the kernel gives other processors, with all that lies below them. Of others it leaves the threads alone
 * (kernel/cgroup/cpuset.c, update_cpumasks_hier: what stays the same is skipped, and so is all below it). Where a group gets the
 * controller only now, its neighbours get it with it (cgroup_apply_control_enable, cpuset_attach).
 * @returns `''` for the whole tree
 */
export async function touchedGroups(
  host: Host,
  isolable: Isolable,
  options: CpuIsolationOptions,
): Promise<readonly string[]> {
  if (isolable.mode !== 'systemd') return [EVERYTHING]
  const units = await readRestrictedUnits(host, isolable, options)
  const changed = units.filter(({ isRunning, present, wanted }) => isRunning && present !== wanted)
  return await Promise.all(changed.map(({ attribute }) => nearestWith(host, dirname(attribute))))
}

/** The group itself, or the next above it that has the controller. */
async function nearestWith(host: Host, path: string): Promise<string> {
  if (path === CGROUP_ROOT) return EVERYTHING
  if (await host.exists(`${path}/cpuset.cpus`)) return path.slice(CGROUP_ROOT.length)
  return await nearestWith(host, dirname(path))
}
