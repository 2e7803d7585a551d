import { type Evidence, type Finding, formatCpuList, type Host } from '@janus/core'
import { requestFinding } from '../request-finding.js'
import { readRunningServices, type Service } from '../running-services.js'
import { readBoost } from './boost.js'
import { governorChanges } from './changes.js'
import type { CpuGovernorOptions } from './options.js'
import { DIRECTORY, type Policy, readPolicies } from './policies.js'

const MOST_POLICIES = 16

/** Programs that set governors and preferences themselves, and again after us. */
const POWER_MANAGERS: readonly Service[] = [
  { name: 'tuned', traces: ['/run/tuned/tuned.pid'] },
  { name: 'tuned-ppd' },
  { name: 'power-profiles-daemon' },
  { name: 'tlp', traces: ['/run/tlp/last_pwr'] },
  { name: 'auto-cpufreq' },
]

/** Which governor and preference the processors have. */
export async function policiesFinding(host: Host): Promise<Finding> {
  const id = 'frequency-policies'
  const policies = await readPolicies(host)
  if (policies === undefined) {
    const summary = 'the host has no frequency scaling, as most virtual machines'
    return { id, status: 'skipped', summary, evidence: [await directoryEvidence(host)] }
  }
  const boost = await readBoost(host)
  const boostWords = boost === undefined ? [] : [`boost is ${boost.isOn ? 'on' : 'off'}`]
  const evidence = policies
    .slice(0, MOST_POLICIES)
    .flatMap(({ path, governor, preference }) => [
      { path: `${path}/scaling_governor`, ...(governor === undefined ? {} : { value: governor }) },
      ...(preference === undefined ? [] : [{ path: `${path}/energy_performance_preference`, value: preference }]),
    ])
  return {
    id,
    status: 'ok',
    summary: [...groups(policies), ...boostWords].join('; '),
    evidence: [...evidence, ...(boost === undefined ? [] : [{ path: boost.path, value: boost.value }])],
  }
}

function groups(policies: readonly Policy[]): readonly string[] {
  const cpus = new Map<string, number[]>()
  for (const { driver, governor, preference, cpus: own } of policies) {
    const key = `${governor ?? 'no governor'}${preference === undefined ? '' : `, preference ${preference}`} (${driver ?? 'unknown driver'})`
    cpus.set(key, [...(cpus.get(key) ?? []), ...own])
  }
  return [...cpus].map(([key, numbers]) => `CPU ${formatCpuList(numbers)}: ${key}`)
}

/** Whether something else would set them too. */
export async function powerManagersFinding(host: Host): Promise<Finding> {
  const id = 'power-managers'
  const running = await readRunningServices(host, POWER_MANAGERS)
  if (running.length === 0)
    return { id, status: 'ok', summary: 'no power manager is seen that would set governors too' }
  const names = running.map(({ name }) => name).join(', ')
  return {
    id,
    status: 'warn',
    summary: `${names} sets governors and preferences too, and may overwrite what is set here`,
    evidence: running.map(({ evidence }) => evidence),
    remedy: `Choose the profile there instead, or stop it: systemctl stop ${running[0]?.name}`,
  }
}

/** Whether what the options ask for is so already, possible, or not. */
export async function requestedFinding(host: Host, options: CpuGovernorOptions): Promise<Finding> {
  const id = 'frequency-requested'
  const asksForPolicies = options.governor !== undefined || options.energyPreference !== undefined
  if (asksForPolicies && (await readPolicies(host)) === undefined) {
    const summary = 'the host has no frequency scaling, as most virtual machines'
    return { id, status: 'skipped', summary, evidence: [await directoryEvidence(host)] }
  }
  if (options.boost !== undefined && (await readBoost(host)) === undefined)
    return {
      id,
      status: 'skipped',
      summary: 'the host has no switch for boost',
      evidence: [{ path: `${DIRECTORY}/boost` }],
    }
  return requestFinding(host, id, async () => {
    const changes = await governorChanges(host, options)
    if (changes.length === 0) return { status: 'ok', summary: 'the processors are as asked for already' }
    const shown = changes.slice(0, MOST_POLICIES).map(({ why }) => why)
    return { status: 'ok', summary: `possible: ${changes.length} changes`, detail: shown.join('\n') }
  })
}

/** A kernel can have frequency scaling and no driver for it: the directory is there, and empty. */
async function directoryEvidence(host: Host): Promise<Evidence> {
  return (await host.exists(DIRECTORY)) ? { path: DIRECTORY, value: '(empty)' } : { path: DIRECTORY }
}
