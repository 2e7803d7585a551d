import { formatCpuList, type Host, parseCpuList, type Query } from '@janus/core'

const MOST_THREADS = 4096

/** A thread of a virtual machine that may run on nothing but processors that are going to be taken away. */
export interface PinnedThread {
  readonly pid: number
  readonly name: string
  readonly path: string
  readonly cpus: string
}

/** Threads of programs that hold /dev/kvm open and are bound to these processors alone. */
export async function findPinnedThreads(
  host: Host,
  query: Query,
  leaving: readonly number[],
): Promise<readonly PinnedThread[]> {
  const device = (await host.stat('/dev/kvm')).value?.device
  if (device === undefined) return []
  const answer = await query('descriptor-holders', { devices: [device] })
  if (!answer.available) return []
  const holders = [...new Map(answer.holders.map((holder) => [holder.pid, holder])).values()]
  const found: PinnedThread[] = []
  for (const { pid, name } of holders) {
    const threads = (await host.list(`/proc/${pid}/task`)).value ?? []
    for (const thread of threads.slice(0, MOST_THREADS)) {
      const path = `/proc/${pid}/task/${thread}/status`
      const list = /^Cpus_allowed_list:\s*(\S+)$/m.exec((await host.readText(path)).value ?? '')?.[1]
      const cpus = list === undefined ? undefined : parseCpuList(list)
      if (cpus === undefined || cpus.length === 0 || !cpus.every((cpu) => leaving.includes(cpu))) continue
      found.push({ pid, name, path, cpus: formatCpuList(cpus) })
      break
    }
  }
  return found
}
