import type { Finding, Host } from '@janus/core'
import { isKeptFrom } from './cgroup-tree.js'
import type { CpuIsolationOptions } from './options.js'
import type { Isolable } from './require-isolable.js'
import { common, cpuWords, groupOf } from './situation.js'
import { readAffinity, readTask, type Task } from './tasks.js'

const MOST_NAMED = 12
const MOST_PROCESSES = 20_000

/**
 * Who may still run on the isolated processors: processes of the host, which is worth a warning, and threads that the kernel
 * keeps there, which nothing can move.
 */
export async function straggling(
  host: Host,
  { cpus, mode, tree }: Isolable,
  options: CpuIsolationOptions,
): Promise<readonly Finding[]> {
  const id = 'isolation-tasks'
  const pids = ((await host.list('/proc')).value ?? []).filter((name) => /^[1-9]\d*$/.test(name)).map(Number)
  if (pids.length === 0) {
    const summary = 'the host does not show its tasks'
    return [{ id, status: 'skipped', summary, evidence: [{ path: '/proc' }] }]
  }
  const found: { readonly task: Task; readonly group: string }[] = []
  for (const pid of pids.slice(0, MOST_PROCESSES)) {
    const affinity = await readAffinity(host, pid)
    if (affinity === undefined || common(affinity, cpus).length === 0) continue
    const [task, group] = [await readTask(host, pid), await groupOfTask(host, pid)]
    if (task !== undefined && group !== undefined) found.push({ task, group })
  }
  const own = mode === 'partition' ? groupOf(options, mode) : undefined
  const threads = found.filter(({ task }) => task.isKernelThread)
  const processes = found.filter(
    ({ task, group }) => !task.isKernelThread && !isForGuests(group, own, { cpus, mode, tree }),
  )
  const kept = threads.length === 0 ? '' : `; ${threads.length} kernel threads that belong to a processor stay`
  if (processes.length === 0) {
    return [{ id, status: 'ok', summary: `no process of the host may run on ${cpuWords(cpus)}${kept}` }]
  }
  const named = processes.slice(0, MOST_NAMED).map(({ task, group }) => `${task.pid} (${task.name}) of ${group}`)
  const more = processes.length > MOST_NAMED ? ` and ${processes.length - MOST_NAMED} more` : ''
  return [
    {
      id,
      status: 'warn',
      summary: `${processes.length} processes may still run on ${cpuWords(cpus)}: ${named.join(', ')}${more}${kept}`,
      evidence: processes.slice(0, MOST_NAMED).map(({ task }) => ({ path: `/proc/${task.pid}/status` })),
      remedy: 'Restrict their cgroups too, or move them.',
    },
  ]
}

/** Guests are meant to be there: in the partition, or where systemd starts them. */
function isForGuests(
  group: string,
  own: string | undefined,
  { cpus, mode, tree }: Pick<Isolable, 'cpus' | 'mode' | 'tree'>,
): boolean {
  const top = group.split('/')[1] ?? ''
  if (mode === 'partition') return top === own
  // What nothing keeps off them is not the host's: machine.slice, a group that somebody made for guests.
  const isKept = tree.groups.some((entry) => entry.name === top && isKeptFrom(entry, cpus))
  return top !== '' && !isKept && top !== 'system.slice' && top !== 'user.slice'
}

async function groupOfTask(host: Host, pid: number): Promise<string | undefined> {
  const text = (await host.readText(`/proc/${pid}/cgroup`)).value
  return /^0::(.*)$/m.exec(text ?? '')?.[1]
}
