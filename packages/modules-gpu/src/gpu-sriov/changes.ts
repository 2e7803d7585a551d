import { type Change, type Condition, DEVICE_USE_KINDS, isVfioDriver, type PciDevice } from '@janus/core'
import { oneLine } from '../one-line.js'
import { bootRuleChanges } from './boot-rule-changes.js'
import type { GpuSriovOptions } from './options.js'
import type { PhysicalFunction } from './physical-function.js'

const MOST_CHARACTERS = 900
/** Some drivers need a second and more for each function (mlx5): milliseconds beyond the deadline of a step. */
const FUNCTION_TIMEOUT = 2_000
const MOST_MILLISECONDS = 86_400_000

/** The changes that give each physical function its number of virtual functions, now and at boot. */
export function sriovChanges(targets: readonly PhysicalFunction[], options: GpuSriovOptions): readonly Change[] {
  return targets.flatMap((target) => [
    ...(target.enabled === options.functions ? [] : numberChanges(target, options.functions)),
    ...(options.persistent ? bootRuleChanges(target, options.functions) : []),
  ])
}

/**
 * The kernel takes a number only while there is none: 0 comes first. Drivers are kept from the new functions, which are
 * meant for machines. Undoing runs backwards, and has to find autoprobe as it was when the functions that are on now got,
 * or did not get, their drivers.
 */
function numberChanges(target: PhysicalFunction, functions: number): readonly Change[] {
  const { enabled, functions: present, autoprobe } = target
  const off = enabled === 0 ? [] : [turnOff(target)]
  if (functions === 0) return autoprobe === true && !hasHostDrivers(target) ? quietly(target, off) : off
  const on = turnOn(target, functions)
  if (autoprobe !== true) return [...off, on]
  return present.length > 0 && hasHostDrivers(target)
    ? [...off, ...quietly(target, [on])]
    : quietly(target, [...off, on])
}

/** Functions on VFIO were taken from the host, and must not fall to its drivers when they are there again. */
function hasHostDrivers({ functions }: PhysicalFunction): boolean {
  return functions.some(({ driver }) => driver !== undefined && !isVfioDriver(driver))
}

/** Whoever uses a function loses it with its number; a machine would even keep the kernel waiting, with the device locked. */
function unused({ path }: PciDevice): Condition {
  return { kind: 'unused', path, uses: ['virtual-machine'], functionUses: DEVICE_USE_KINDS }
}

function timeoutFor(functions: number): number {
  return Math.min(FUNCTION_TIMEOUT * functions, MOST_MILLISECONDS)
}

/** These changes with autoprobe off meanwhile. */
function quietly(target: PhysicalFunction, changes: readonly Change[]): readonly Change[] {
  return [autoprobeChange(target, false), ...changes, autoprobeChange(target, true)]
}

function autoprobeChange({ device }: PhysicalFunction, on: boolean): Change {
  return {
    kind: 'write-attribute',
    path: `${device.path}/sriov_drivers_autoprobe`,
    from: on ? '0' : '1',
    value: on ? '1' : '0',
    why: on
      ? `let drivers look at new virtual functions of ${device.address} again, as before`
      : `keep the drivers of the host from the virtual functions of ${device.address}`,
    scope: 'runtime',
  }
}

function turnOff(target: PhysicalFunction): Change {
  const { device, enabled, functions } = target
  const path = `${device.path}/sriov_numvfs`
  const bound = functions.filter(({ driver }) => driver !== undefined)
  const drivers = bound.map(({ address, driver }) => `${address} on ${oneLine(driver ?? '')}`)
  const told = drivers.length === 0 ? '' : ` (${drivers.join(', ')})`
  const summary = `the virtual functions of ${device.address} come back without their settings, drivers and users${told}`
  return {
    kind: 'write-attribute',
    path,
    from: String(enabled),
    value: '0',
    why: `turn off the ${enabled} virtual functions of ${device.address}, which takes a second or more: their number can only be set from 0`,
    timeout: timeoutFor(enabled),
    expect: [unused(device)],
    verify: [{ kind: 'equals', path, value: '0' }],
    scope: 'runtime',
    irreversible: [{ id: 'virtual-functions', summary: summary.slice(0, MOST_CHARACTERS) }],
  }
}

function turnOn({ device }: PhysicalFunction, functions: number): Change {
  const path = `${device.path}/sriov_numvfs`
  return {
    kind: 'write-attribute',
    path,
    from: '0',
    value: String(functions),
    why: `turn on ${functions} virtual functions of ${device.address}`,
    timeout: timeoutFor(functions),
    verify: [
      { kind: 'equals', path, value: String(functions) },
      { kind: 'exists', path: `${device.path}/virtfn${functions - 1}` },
    ],
    scope: 'runtime',
    reveals: `the virtual functions of ${device.address}`,
    undo: [
      {
        kind: 'write-attribute',
        path,
        value: '0',
        why: `turn off the virtual functions of ${device.address} again`,
        timeout: timeoutFor(functions),
        expect: [unused(device)],
        verify: [{ kind: 'equals', path, value: '0' }],
        scope: 'runtime',
      },
    ],
  }
}
