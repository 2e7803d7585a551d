import { formatCpuList, type Host, type Loss } from '@janus/core'
import type { Isolable } from './require-isolable.js'
import { common, without } from './situation.js'
import { readAffinity, readTask } from './tasks.js'

const MOST_PROCESSES = 20_000
const MOST_NAMED = 8

/**
 * Processes whose own choice of processors (taskset, sched_setaffinity(2)) will not come back: when a cpuset changes, kernels
 * before 6.2 give every task all that its group has, and forget what it had chosen.
 * @param release of the kernel, `6.1.0-56-amd64`
 */
export async function affinityLosses(
  host: Host,
  isolable: Isolable,
  release: string | undefined,
): Promise<readonly Loss[]> {
  if (keepsChoices(release)) return []
  const { cpus, remaining } = isolable
  const pids = ((await host.list('/proc')).value ?? []).filter((name) => /^[1-9]\d*$/.test(name)).map(Number)
  const named: string[] = []
  for (const pid of pids.slice(0, MOST_PROCESSES)) {
    const affinity = await readAffinity(host, pid)
    if (affinity === undefined || !isChoice(affinity, cpus, remaining)) continue
    const task = await readTask(host, pid)
    if (task !== undefined && !task.isKernelThread) named.push(`${pid} (${task.name}) on ${formatCpuList(affinity)}`)
  }
  if (named.length === 0) return []
  const more = named.length > MOST_NAMED ? ` and ${named.length - MOST_NAMED} more` : ''
  return [
    {
      id: 'task-affinities',
      summary: `processes that chose their processors themselves lose that choice: ${named.slice(0, MOST_NAMED).join(', ')}${more}`,
    },
  ]
}

/** Less than all there is, and not what a cpuset of the host has made of it. */
function isChoice(affinity: readonly number[], cpus: readonly number[], remaining: readonly number[]): boolean {
  const all = [...cpus, ...remaining]
  return (
    without(all, affinity).length > 0 && (common(affinity, cpus).length > 0 || without(remaining, affinity).length > 0)
  )
}

function keepsChoices(release = ''): boolean {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10))
  return major > 6 || (major === 6 && minor >= 2)
}
