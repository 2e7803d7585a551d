import type { Host } from '../../contract/host.js'
import { listNames } from '../read-value.js'
import { CPUS, readAttribute, readCpuSet } from './cpu-sets.js'

/** The CPUs of a machine by whether they are online, ascending. */
export interface CpuNumbers {
  readonly online: readonly number[]
  readonly offline: readonly number[]
}

/**
 * Reads which CPUs there are and which of them are online: by the lists; by each CPU's own `online` where old kernels have
 * no list; by /proc/cpuinfo where nothing else is shown. A CPU that is possible but not there is none.
 */
export async function readCpuNumbers(host: Host): Promise<CpuNumbers> {
  const shown = (await listNames(host, CPUS)).flatMap((name) => /^cpu(\d{1,5})$/.exec(name)?.[1] ?? []).map(Number)
  const present = await readCpuSet(host, [`${CPUS}/present`])
  const all = ascending([...shown, ...(present ?? [])])
  const online = await readCpuSet(host, [`${CPUS}/online`])
  if (online !== undefined) {
    const isOnline = new Set(online)
    return { online, offline: all.filter((cpu) => !isOnline.has(cpu)) }
  }
  if (all.length === 0) return { online: processorsOf(await readAttribute(host, '/proc/cpuinfo')), offline: [] }
  const offline: number[] = []
  for (const cpu of all) if ((await readAttribute(host, `${CPUS}/cpu${cpu}/online`)) === '0') offline.push(cpu)
  const isOffline = new Set(offline)
  return { online: all.filter((cpu) => !isOffline.has(cpu)), offline }
}

function processorsOf(information = ''): readonly number[] {
  return ascending([...information.matchAll(/^processor\s*:\s*(\d{1,5})\s*$/gm)].map(([, cpu]) => Number(cpu)))
}

function ascending(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].sort((a, b) => a - b)
}
