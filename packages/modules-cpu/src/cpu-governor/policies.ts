import { type Host, parseCpuList } from '@janus/core'
import { readText } from '../read-text.js'

/** Where the policies are (admin-guide/pm/cpufreq.rst). */
export const DIRECTORY = '/sys/devices/system/cpu/cpufreq'

/** Drivers that choose the frequency themselves: they know two governors, and under `performance` no preference but that. */
const ACTIVE: ReadonlySet<string> = new Set(['intel_pstate', 'amd-pstate-epp', 'amd_pstate_epp'])

/** Processors whose frequency is set together. */
export interface Policy {
  readonly path: string
  /** Those of its processors that are online, ascending. */
  readonly cpus: readonly number[]
  readonly driver: string | undefined
  readonly isActive: boolean
  readonly governor: string | undefined
  readonly governors: readonly string[]
  /** The energy performance preference; undefined where the driver has none. */
  readonly preference: string | undefined
  readonly preferences: readonly string[]
}

/** Reads the policies that have a processor online, by number; undefined where the host has no frequency scaling. */
export async function readPolicies(host: Host): Promise<readonly Policy[] | undefined> {
  const names = (await host.list(DIRECTORY)).value
  const numbers = (names ?? []).flatMap((name) => /^policy(\d+)$/.exec(name)?.[1] ?? [])
  if (numbers.length === 0) return undefined
  const sorted = numbers.map(Number).sort((left, right) => left - right)
  const policies = await Promise.all(sorted.map((number) => readPolicy(host, `${DIRECTORY}/policy${number}`)))
  return policies.filter(({ cpus }) => cpus.length > 0)
}

async function readPolicy(host: Host, path: string): Promise<Policy> {
  const read = (name: string) => readText(host, `${path}/${name}`)
  const [cpus, driver, governor, governors, preference, preferences] = await Promise.all([
    read('affected_cpus'),
    read('scaling_driver'),
    read('scaling_governor'),
    read('scaling_available_governors'),
    read('energy_performance_preference'),
    read('energy_performance_available_preferences'),
  ])
  return {
    path,
    cpus: parseCpuList(wordsOf(cpus).join(',')) ?? [],
    driver,
    isActive: driver !== undefined && ACTIVE.has(driver),
    governor,
    governors: wordsOf(governors),
    preference,
    preferences: wordsOf(preferences),
  }
}

function wordsOf(text: string | undefined): readonly string[] {
  return (text ?? '').split(/\s+/).filter((word) => word !== '')
}
