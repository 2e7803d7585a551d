import { formatCpuList, type Host, type Loss, parseCpuList } from '@janus/core'
import { type ThreadAffinity, threadAffinities } from '../thread-affinities.js'
import { CGROUP_ROOT } from './cgroup-tree.js'
import { without } from './situation.js'
import { readTask } from './tasks.js'

const MOST_PROCESSES = 20_000
const MOST_NAMED = 8

/**
 * Threads whose own choice of processors (taskset, sched_setaffinity(2)) will not come back: when a cpuset changes, kernels
 * before 6.2 give every thread all that its group has, and forget what it had chosen (kernel/cgroup/cpuset.c,
 * update_tasks_cpumask).
 * @param release of the kernel, `6.1.0-56-amd64`
 * @param touched groups in which it changes; `''` for the whole tree
 */
export async function affinityLosses(
  host: Host,
  release: string | undefined,
  touched: readonly string[],
): Promise<readonly Loss[]> {
  if (touched.length === 0 || keepsChoices(release)) return []
  const pids = ((await host.list('/proc')).value ?? []).filter((name) => /^[1-9]\d*$/.test(name)).map(Number)
  const given = new Map<string, readonly number[] | undefined>()
  const named: string[] = []
  for (const pid of pids.slice(0, MOST_PROCESSES)) {
    const task = await readTask(host, pid)
    if (task === undefined || task.isKernelThread) continue
    for await (const affinity of threadAffinities(host, pid)) {
      if (await isChoice(host, affinity, touched, given)) named.push(wordsOf(affinity, task.name))
    }
  }
  if (named.length === 0) return []
  const more = named.length > MOST_NAMED ? ` and ${named.length - MOST_NAMED} more` : ''
  return [
    {
      id: 'task-affinities',
      summary: `threads that chose their processors themselves lose that choice: ${named.slice(0, MOST_NAMED).join(', ')}${more}`,
    },
  ]
}

function wordsOf({ pid, thread, name, cpus }: ThreadAffinity, process: string): string {
  const which = thread === pid ? `${pid} (${process})` : `thread ${thread} (${name}) of ${pid} (${process})`
  return `${which} on ${formatCpuList(cpus)}`
}

/** Less than a group that is touched gives it. The threads of a process may be in groups of their own (admin-guide/cgroup-v2.rst, Threads). */
async function isChoice(
  host: Host,
  { directory, cpus }: ThreadAffinity,
  touched: readonly string[],
  given: Map<string, readonly number[] | undefined>,
): Promise<boolean> {
  const group = /^0::(\/.*)$/m.exec((await host.readText(`${directory}/cgroup`)).value ?? '')?.[1]
  if (group === undefined || !touched.some((one) => `${group}/`.startsWith(`${one}/`))) return false
  if (!given.has(group)) given.set(group, await effectiveCpus(host, group))
  return without(given.get(group) ?? [], cpus).length > 0
}

/** Of a group without the controller: what the next one above it has that does. */
async function effectiveCpus(host: Host, group: string): Promise<readonly number[] | undefined> {
  const names = group.split('/').filter(Boolean)
  for (let depth = names.length; depth >= 0; depth -= 1) {
    const path = [CGROUP_ROOT, ...names.slice(0, depth)].join('/')
    const text = (await host.readText(`${path}/cpuset.cpus.effective`)).value
    if (text !== undefined) return parseCpuList(text)
  }
  return undefined
}

function keepsChoices(release = ''): boolean {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10))
  return major > 6 || (major === 6 && minor >= 2)
}
