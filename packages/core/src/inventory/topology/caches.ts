import type { Host } from '../../contract/host.js'
import type { CpuCache } from '../../contract/topology.js'
import { listNames } from '../read-value.js'
import { CPUS, readAttribute, readCpuSet, readNumber } from './cpu-sets.js'

const TYPES: Readonly<Record<string, CpuCache['type']>> = {
  Data: 'data',
  Instruction: 'instruction',
  Unified: 'unified',
}

/**
 * Reads the caches, each once: of a CPU only those are read of which no earlier CPU said that they share them.
 * @param cores online CPUs of each core
 * @returns by level, type and first CPU
 */
export async function readCaches(host: Host, cores: readonly (readonly number[])[]): Promise<readonly CpuCache[]> {
  const online = new Set(cores.flat())
  const caches: CpuCache[] = []
  /** By number of the index directory: who is known to share a cache that was read from such a directory. */
  const known = new Map<string, Set<number>>()
  for (const cpu of [...online].sort((a, b) => a - b)) {
    // All indexes met so far being known, the listing of this CPU would say nothing new.
    if (known.size > 0 && [...known.values()].every((cpus) => cpus.has(cpu))) continue
    for (const index of await listNames(host, `${CPUS}/cpu${cpu}/cache`)) {
      if (!/^index\d{1,2}$/.test(index) || known.get(index)?.has(cpu) === true) continue
      const cache = await readCache(host, `${CPUS}/cpu${cpu}/cache/${index}`, cpu, online)
      if (cache === undefined) continue
      const sharers = known.get(index) ?? new Set()
      for (const sharer of cache.cpus) sharers.add(sharer)
      known.set(index, sharers)
      caches.push(cache)
    }
  }
  return caches.sort(
    (a, b) => a.level - b.level || (a.type < b.type ? -1 : a.type > b.type ? 1 : 0) || firstOf(a) - firstOf(b),
  )
}

async function readCache(
  host: Host,
  directory: string,
  cpu: number,
  online: ReadonlySet<number>,
): Promise<CpuCache | undefined> {
  const type = TYPES[(await readAttribute(host, `${directory}/type`)) ?? '']
  const level = await readNumber(host, `${directory}/level`)
  if (type === undefined || level === undefined) return undefined
  const sizeKiB = sizeOf(await readAttribute(host, `${directory}/size`))
  const shared = await readCpuSet(host, [`${directory}/shared_cpu_list`, `${directory}/shared_cpu_map`])
  const cpus = new Set([cpu, ...(shared ?? []).filter((sharer) => online.has(sharer))])
  return {
    level,
    type,
    ...(sizeKiB === undefined ? {} : { sizeKiB }),
    cpus: [...cpus].sort((a, b) => a - b),
  }
}

/** `32K`, and on some machines `24M`. */
function sizeOf(text: string | undefined): number | undefined {
  const [, digits, unit] = /^(\d{1,9})([KMG])$/.exec(text ?? '') ?? []
  if (digits === undefined || Number(digits) === 0) return undefined
  return Number(digits) * (unit === 'K' ? 1 : unit === 'M' ? 1024 : 1024 * 1024)
}

function firstOf({ cpus }: CpuCache): number {
  return cpus[0] ?? 0
}
