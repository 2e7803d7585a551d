import type { Host } from '../../contract/host.js'
import { listNames } from '../read-value.js'
import { CPUS, readAttribute, readCpuSet, readNumber } from './cpu-sets.js'

/** A core before it is known what kind it is and which node it belongs to. */
export interface CoreReading {
  readonly id?: number
  readonly package: number
  readonly die?: number
  readonly cluster?: number
  readonly cpus: readonly number[]
}

/** What the kernel writes where it knows no cluster (drivers/base/arch_topology.c: an unsigned short of -1). */
const NO_CLUSTER = 65_535

/**
 * Reads the cores with their threads (Documentation/admin-guide/cputopology.rst): one directory per core and not per
 * CPU, which halves the reading. Without any, what /proc/cpuinfo tells.
 * @param online numbers of the online CPUs, ascending
 */
export async function readCores(host: Host, online: readonly number[]): Promise<readonly CoreReading[]> {
  const free = new Set(online)
  const cores: CoreReading[] = []
  const untold: number[] = []
  for (const cpu of online) {
    if (!free.has(cpu)) continue
    const directory = `${CPUS}/cpu${cpu}/topology`
    const names = new Set(await listNames(host, directory))
    if (names.size === 0) {
      untold.push(cpu)
      continue
    }
    const core = await readCore(host, directory, names, cpu, free)
    for (const thread of core.cpus) free.delete(thread)
    cores.push(core)
  }
  if (untold.length > 0) cores.push(...coresOfInformation((await readAttribute(host, '/proc/cpuinfo')) ?? '', untold))
  return cores
}

async function readCore(
  host: Host,
  directory: string,
  names: ReadonlySet<string>,
  cpu: number,
  free: ReadonlySet<number>,
): Promise<CoreReading> {
  const among = (wanted: readonly string[]) =>
    wanted.filter((name) => names.has(name)).map((name) => `${directory}/${name}`)
  const number = async (name: string) => (names.has(name) ? readNumber(host, `${directory}/${name}`) : undefined)
  const siblings = await readCpuSet(
    host,
    among(['core_cpus_list', 'thread_siblings_list', 'core_cpus', 'thread_siblings']),
  )
  const [id, packageId, die, cluster] = [
    await number('core_id'),
    await number('physical_package_id'),
    await number('die_id'),
    await number('cluster_id'),
  ]
  return {
    ...(id === undefined ? {} : { id }),
    package: packageId ?? 0,
    ...(die === undefined ? {} : { die }),
    ...(cluster === undefined || cluster === NO_CLUSTER ? {} : { cluster }),
    // A broken table could name CPUs that are offline, or those of another core.
    cpus: [...new Set([cpu, ...(siblings ?? []).filter((sibling) => free.has(sibling))])].sort((a, b) => a - b),
  }
}

/** Cores by `physical id` and `core id`; a CPU without them is a core of its own. */
function coresOfInformation(information: string, cpus: readonly number[]): readonly CoreReading[] {
  const wanted = new Set(cpus)
  const cores = new Map<string, { package: number; id?: number; cpus: number[] }>()
  for (const block of information.split(/\n\s*\n/)) {
    const field = (name: string): number | undefined => {
      const digits = new RegExp(`^${name}\\s*:\\s*(\\d{1,9})\\s*$`, 'm').exec(block)?.[1]
      return digits === undefined ? undefined : Number(digits)
    }
    const cpu = field('processor')
    if (cpu === undefined || !wanted.delete(cpu)) continue
    const [packageId = 0, id] = [field('physical id'), field('core id')]
    const key = id === undefined ? `cpu ${cpu}` : `${packageId}:${id}`
    const core = cores.get(key) ?? { package: packageId, ...(id === undefined ? {} : { id }), cpus: [] }
    core.cpus.push(cpu)
    cores.set(key, core)
  }
  return [...cores.values(), ...[...wanted].map((cpu) => ({ package: 0, cpus: [cpu] }))]
}
