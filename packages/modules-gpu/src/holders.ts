import type { DescriptorHolder, Host, Query } from '@janus/core'
import { oneLine } from './one-line.js'

/** A process that holds a device open, with what it belongs to. */
export interface Holder extends DescriptorHolder {
  /** Container or unit, by its control group; undefined where that cannot be read. */
  readonly within: string | undefined
}

/** Who holds device numbers open. */
export interface Holders {
  readonly holders: readonly Holder[]
  /** Why there may be more of them; undefined when all are known. */
  readonly gap: string | undefined
}

const CONTAINER =
  /(?:docker|libpod|cri-containerd|crio|containerd)-([0-9a-f]{12})[0-9a-f]*\.scope|\/(?:docker|libpod|kubepods[^/]*\/[^/]*)\/([0-9a-f]{12})/
const LXC = /\/lxc(?:\.payload\.|\/)([^/]+)/
const UNIT = /\/([^/\s]+\.(?:service|scope))(?=\/|\s|$)/g

/** Finds who holds these device numbers open, across mount namespaces, and what each of them belongs to. */
export async function readHolders(host: Host, query: Query, devices: readonly string[]): Promise<Holders> {
  if (devices.length === 0) return { holders: [], gap: undefined }
  const answer = await query('descriptor-holders', { devices: [...new Set(devices)].sort() })
  if (!answer.available) return { holders: [], gap: answer.reason }
  const holders: Holder[] = []
  for (const holder of answer.holders) {
    const groups = (await host.readText(`/proc/${holder.pid}/cgroup`)).value
    holders.push({ ...holder, within: groups === undefined ? undefined : placeOf(groups) })
  }
  return { holders, gap: answer.complete ? undefined : 'not every process could be looked into' }
}

/** Holders as messages name them: one for each process. */
export function holderWords(holders: readonly Holder[]): readonly string[] {
  const words = new Map<number, string>()
  for (const { pid, name, path, within } of holders) {
    const place = within === undefined ? '' : `, ${within}`
    if (!words.has(pid)) words.set(pid, oneLine(`${name} (process ${pid}${place}) holds ${path} open`))
  }
  return [...words.values()]
}

/** What a process belongs to, by its `/proc/<pid>/cgroup`. */
export function placeOf(groups: string): string | undefined {
  const container = CONTAINER.exec(groups)
  if (container !== null) return `container ${container[1] ?? container[2]}`
  const lxc = LXC.exec(groups)?.[1]
  if (lxc !== undefined) return `container ${lxc}`
  return [...groups.matchAll(UNIT)].at(-1)?.[1]
}
