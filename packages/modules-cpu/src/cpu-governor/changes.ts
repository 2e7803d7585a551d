import { type Change, formatCpuList, type Host, readKernelModules, type UndoChange } from '@janus/core'
import { boostChanges } from './boost.js'
import { type Choice, choosePolicies } from './choose-policies.js'
import type { CpuGovernorOptions } from './options.js'
import { type Policy, readPolicies } from './policies.js'
import { moduleOf, requirePossible } from './require-possible.js'
import { tunablesUndo } from './tunables.js'

/**
 * The changes that give the policies of these processors the governor and the preference; one write per policy.
 * @throws JANUS_HOST_UNFIT, JANUS_HOST_LACKS_FEATURE, JANUS_HOST_UNREADABLE
 */
export async function governorChanges(host: Host, options: CpuGovernorOptions): Promise<readonly Change[]> {
  const boost = await boostChanges(host, options.boost)
  if (options.governor === undefined && options.energyPreference === undefined) return boost
  const choice = await choosePolicies(host, options.cpus)
  const modules = await readKernelModules(host)
  for (const policy of choice.policies) requirePossible(policy, options, modules)
  const { governor } = options
  const needed = choice.policies.map((policy) =>
    governor === undefined ? undefined : moduleOf(policy, governor, modules),
  )
  const module = needed.find((name) => name !== undefined)
  const chosen = new Set(choice.policies.map(({ path }) => path))
  const others = ((await readPolicies(host)) ?? []).filter(({ path }) => !chosen.has(path))
  const kept = new Set([governor, ...others.map((policy) => policy.governor)])
  const perPolicy = await Promise.all(
    choice.policies.map((policy) => policyChanges(host, policy, choice, options, !kept.has(policy.governor))),
  )
  return [...(module === undefined ? [] : [loadChange(module)]), ...perPolicy.flat(), ...boost]
}

/** The kernel would load it by itself with the first write; as a step of its own it is undone too. */
function loadChange(name: string): Change {
  return {
    kind: 'load-kernel-module',
    name,
    why: `load ${name}, which brings the governor`,
    verify: [{ kind: 'exists', path: `/sys/module/${name}` }],
    scope: 'runtime',
  }
}

/** First the governor: under `performance` an active driver takes no other preference. */
async function policyChanges(
  host: Host,
  policy: Policy,
  choice: Choice,
  { governor, energyPreference }: CpuGovernorOptions,
  isLeft: boolean,
): Promise<readonly Change[]> {
  const changes: Change[] = []
  const leavesGovernor = governor !== undefined && governor !== policy.governor
  if (leavesGovernor) changes.push(await governorChange(host, policy, choice, governor, isLeft))
  // An active driver under `performance` has the preference `performance`, whatever was chosen before.
  const followsGovernor = leavesGovernor && policy.isActive
  const isSet = followsGovernor ? governor === 'performance' : policy.preference === energyPreference
  if (energyPreference !== undefined && !isSet)
    changes.push(preferenceChange(policy, choice, energyPreference, followsGovernor))
  return changes
}

async function governorChange(
  host: Host,
  policy: Policy,
  choice: Choice,
  governor: string,
  isLeft: boolean,
): Promise<Change> {
  const path = `${policy.path}/scaling_governor`
  const { governor: from = '', preference } = policy
  const back: UndoChange = { ...write(path, from), why: 'undo: write the previous governor back' }
  const kept = policy.isActive && preference !== undefined ? [preferenceUndo(policy, preference)] : []
  return {
    ...write(path, governor),
    from,
    why: `governor ${governor} instead of ${from} for ${cpuWords(policy, choice)}`,
    undo: [back, ...(await tunablesUndo(host, policy, isLeft)), ...kept],
  }
}

function preferenceChange(policy: Policy, choice: Choice, value: string, followsGovernor: boolean): Change {
  const path = `${policy.path}/energy_performance_preference`
  const { preference = '' } = policy
  const why = `energy preference ${value} instead of ${preference} for ${cpuWords(policy, choice)}`
  // Leaving `performance`, the driver brings back a preference that it remembers.
  if (followsGovernor)
    return { ...write(path, value), fromMayDiffer: true, why, undo: [preferenceUndo(policy, preference)] }
  return { ...write(path, value), from: preference, why }
}

function preferenceUndo({ path }: Policy, preference: string): UndoChange {
  const attribute = `${path}/energy_performance_preference`
  return { ...write(attribute, preference), fromMayDiffer: true, why: 'undo: write the previous preference back' }
}

function write(path: string, value: string) {
  const verify = [{ kind: 'equals', path, value }] as const
  return { kind: 'write-attribute', path, value, verify, scope: 'runtime' } as const
}

function cpuWords({ cpus }: Policy, { dragged }: Choice): string {
  const along = cpus.filter((cpu) => dragged.includes(cpu))
  const more = along.length === 0 ? '' : ` (${formatCpuList(along)} along with it: they share one frequency)`
  return `CPU ${formatCpuList(cpus)}${more}`
}
