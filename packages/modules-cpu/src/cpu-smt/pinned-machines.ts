import { formatCpuList, type Host, type Query } from '@janus/core'
import { threadAffinities } from '../thread-affinities.js'

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
    for await (const { cpus, directory } of threadAffinities(host, pid)) {
      if (!cpus.every((cpu) => leaving.includes(cpu))) continue
      found.push({ pid, name, path: `${directory}/status`, cpus: formatCpuList(cpus) })
      break
    }
  }
  return found
}
