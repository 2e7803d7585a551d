import type { Host } from '../../contract/host.js'
import type { CpuCache, CpuKind } from '../../contract/topology.js'
import { CPUS, readCpuSet, readNumber } from './cpu-sets.js'

/** A performance monitoring unit for each kind, from the most to the least capable (arch/x86/events/intel/core.c). */
const UNITS = ['/sys/devices/cpu_core', '/sys/devices/cpu_atom', '/sys/devices/cpu_lowpower']

/** What else tells kinds apart: an attribute of a CPU, and how far below the next better a value is that of another kind. */
const MEASURES: readonly { readonly attribute: string; readonly gap: number }[] = [
  // Documentation/ABI/testing/sysfs-devices-system-cpu: relative to the biggest CPU of the machine, which has 1024.
  { attribute: 'cpu_capacity', gap: 0.1 },
  // Favoured cores of one kind differ by a few per cent, kinds by a fifth.
  { attribute: 'cpufreq/cpuinfo_max_freq', gap: 0.15 },
  // On AMD a ranking of cores of one kind too, in small steps.
  { attribute: 'acpi_cppc/highest_perf', gap: 0.25 },
]

/**
 * Tells the kinds of cores of a hybrid processor apart, by the first of these that does: the performance monitoring units
 * of Intel, the capacity, the highest frequency, the performance that firmware claims, the size of the first data cache.
 * @param cores online CPUs of each core
 * @returns from the most to the least capable; one, `uniform`, where all cores are alike
 */
export async function readKinds(
  host: Host,
  cores: readonly (readonly number[])[],
  caches: readonly CpuCache[],
): Promise<readonly CpuKind[]> {
  const leads = cores.flatMap(([lead]) => lead ?? [])
  const grouped = (await byUnit(host, leads)) ?? (await byMeasure(host, leads)) ?? byCache(leads, caches)
  if (grouped === undefined) return [{ name: 'uniform', cpus: cores.flat().sort((a, b) => a - b) }]
  const cpusOf = new Map(cores.map((cpus) => [cpus[0], cpus]))
  return grouped.groups.map((group, index, { length }) => ({
    name: index === 0 ? 'performance' : index === length - 1 ? 'efficiency' : 'medium',
    cpus: group.flatMap((lead) => cpusOf.get(lead) ?? []).sort((a, b) => a - b),
    evidence: grouped.evidence,
  }))
}

interface Grouped {
  /** First CPUs of the cores. */
  readonly groups: readonly (readonly number[])[]
  readonly evidence: string
}

async function byUnit(host: Host, leads: readonly number[]): Promise<Grouped | undefined> {
  const groups: (readonly number[])[] = []
  for (const unit of UNITS) {
    const cpus = new Set((await readCpuSet(host, [`${unit}/cpus`])) ?? [])
    const group = leads.filter((lead) => cpus.has(lead))
    if (group.length > 0) groups.push(group)
  }
  const told = new Set(groups.flat())
  // A core that no unit names is as little told apart as all are by a single unit.
  if (groups.length < 2 || told.size !== leads.length) return undefined
  return { groups, evidence: `${UNITS[0]}/cpus` }
}

async function byMeasure(host: Host, leads: readonly number[]): Promise<Grouped | undefined> {
  for (const { attribute, gap } of MEASURES) {
    const [first] = leads
    // What the first CPU has not got, the others have not either: no need to ask five hundred of them.
    if (first === undefined || (await readNumber(host, `${CPUS}/cpu${first}/${attribute}`)) === undefined) continue
    const values = new Map<number, number>()
    for (const lead of leads) {
      const value = await readNumber(host, `${CPUS}/cpu${lead}/${attribute}`)
      if (value !== undefined && value > 0) values.set(lead, value)
    }
    if (values.size !== leads.length) continue
    const groups = splitAtGaps(leads, values, gap)
    if (groups.length > 1) return { groups, evidence: `${CPUS}/cpu${groups[1]?.[0]}/${attribute}` }
  }
  return undefined
}

/** Groups from the highest value down; a new one begins where a value is that much below the one before. */
function splitAtGaps(
  leads: readonly number[],
  values: ReadonlyMap<number, number>,
  gap: number,
): readonly (readonly number[])[] {
  const measured = (lead: number): number => values.get(lead) ?? 0
  const groups: number[][] = []
  let last = 0
  for (const lead of [...leads].sort((a, b) => measured(b) - measured(a) || a - b)) {
    const value = measured(lead)
    if (groups.length === 0 || value < last * (1 - gap)) groups.push([])
    groups.at(-1)?.push(lead)
    last = value
  }
  return groups
}

/** Cores of one kind have first data caches of one size; the more capable kind has the bigger one. */
function byCache(leads: readonly number[], caches: readonly CpuCache[]): Grouped | undefined {
  const sizes = new Map<number, number>()
  for (const { level, type, sizeKiB, cpus } of caches)
    if (level === 1 && type === 'data' && sizeKiB !== undefined) for (const cpu of cpus) sizes.set(cpu, sizeKiB)
  if (leads.some((lead) => !sizes.has(lead))) return undefined
  const groups = splitAtGaps(leads, sizes, 0.1)
  return groups.length < 2 ? undefined : { groups, evidence: `${CPUS}/cpu${groups[1]?.[0]}/cache/index0/size` }
}
