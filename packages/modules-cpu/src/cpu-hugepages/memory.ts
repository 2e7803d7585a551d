import { type Host, readMemory } from '@janus/core'

/** Memory of the host or of one node, in KiB. */
export interface Memory {
  readonly path: string
  readonly total: number
  /** What could at most be made free; undefined where the kernel does not estimate it. */
  readonly reclaimable: number | undefined
}

/**
 * Reads the memory of one NUMA node, or of the whole host.
 * @param node number of a node; the whole host when left out
 * @returns undefined where the host does not show it
 */
export async function readMemoryOf(host: Host, node?: number): Promise<Memory | undefined> {
  if (node !== undefined) return readNodeMemory(host, `/sys/devices/system/node/node${node}/meminfo`)
  const { totalKiB, availableKiB } = await readMemory(host)
  return totalKiB === undefined ? undefined : { path: '/proc/meminfo', total: totalKiB, reclaimable: availableKiB }
}

/** A node has no MemAvailable: free memory, file cache and reclaimable kernel memory are more than it would be. */
async function readNodeMemory(host: Host, path: string): Promise<Memory | undefined> {
  const fields = parseNodeMeminfo((await host.readText(path)).value ?? '')
  const total = fields.get('MemTotal')
  if (total === undefined) return undefined
  const [free, cache, slab] = ['MemFree', 'FilePages', 'SReclaimable'].map((name) => fields.get(name))
  return { path, total, reclaimable: free === undefined ? undefined : free + (cache ?? 0) + (slab ?? 0) }
}

/** Parses the meminfo of a node (`Node 0 MemTotal: 1 kB`): names with their kilobytes. */
export function parseNodeMeminfo(text: string): ReadonlyMap<string, number> {
  const fields = new Map<string, number>()
  for (const line of text.split('\n')) {
    const [, name, kilobytes] = /^Node \d+ ([A-Za-z0-9_()]+):\s+(\d+) kB\s*$/.exec(line) ?? []
    if (name !== undefined && kilobytes !== undefined) fields.set(name, Number(kilobytes))
  }
  return fields
}
