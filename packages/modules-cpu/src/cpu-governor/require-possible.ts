import { janusError, type KernelModules } from '@janus/core'
import type { CpuGovernorOptions } from './options.js'
import type { Policy } from './policies.js'

/**
 * Refuses what the driver of a policy would not take.
 * @throws JANUS_HOST_UNFIT naming what it takes; JANUS_HOST_UNREADABLE
 */
export function requirePossible(policy: Policy, options: CpuGovernorOptions, modules: KernelModules): void {
  const { governor, energyPreference } = options
  if (governor !== undefined) requireGovernor(policy, governor, modules)
  if (energyPreference !== undefined) requirePreference(policy, governor ?? policy.governor, energyPreference)
}

function requireGovernor(policy: Policy, governor: string, modules: KernelModules): void {
  if (policy.governor === undefined) throw unreadable(`${policy.path}/scaling_governor`)
  if (
    policy.governor === governor ||
    policy.governors.includes(governor) ||
    moduleOf(policy, governor, modules) !== undefined
  )
    return
  const message = `${driverWords(policy)} has no governor ${governor}: it has ${policy.governors.join(', ')}`
  throw janusError('JANUS_HOST_UNFIT', message, {
    data: { path: `${policy.path}/scaling_available_governors`, value: policy.governors.join(' ') },
    remedy: 'Name one that it has.',
  })
}

/** The module that brings a governor which is not there yet; undefined when none does. */
export function moduleOf(policy: Policy, governor: string, modules: KernelModules): string | undefined {
  const module = `cpufreq_${governor}`
  return !policy.isActive && !policy.governors.includes(governor) && modules.state(module) === 'available'
    ? module
    : undefined
}

function requirePreference(policy: Policy, governor: string | undefined, preference: string): void {
  const path = `${policy.path}/energy_performance_preference`
  if (policy.preference === undefined) {
    const message = `${driverWords(policy)} has no energy performance preference: ${path} is not there`
    throw janusError('JANUS_HOST_UNFIT', message, { data: { path }, remedy: 'Leave energyPreference out.' })
  }
  if (policy.preferences.length > 0 && !policy.preferences.includes(preference)) {
    const message = `${driverWords(policy)} has no preference ${preference}: it has ${policy.preferences.join(', ')}`
    const remedy = 'Name one that it has.'
    throw janusError('JANUS_HOST_UNFIT', message, { data: { path, value: policy.preferences.join(' ') }, remedy })
  }
  if (!policy.isActive || governor !== 'performance' || preference === 'performance') return
  const message = `${driverWords(policy)} takes no preference but performance while the governor is performance (EBUSY)`
  throw janusError('JANUS_HOST_UNFIT', message, {
    data: { path: `${policy.path}/scaling_governor`, value: 'performance' },
    remedy: 'Ask for the governor powersave with it: in this mode the preference decides, not the governor.',
  })
}

function driverWords({ driver, path }: Policy): string {
  return `the driver ${driver ?? 'of the processor'} (${path})`
}

function unreadable(path: string): Error {
  return janusError('JANUS_HOST_UNREADABLE', `${path} cannot be read`, { data: { path } })
}
