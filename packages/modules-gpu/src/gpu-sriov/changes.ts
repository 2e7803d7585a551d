import type { Change } from '@janus/core'
import { autoprobeChange } from '../virtual-functions/autoprobe-change.js'
import { functionTimeout } from '../virtual-functions/function-timeout.js'
import { isKeptInUndo, turnOffChange, turnOffChanges } from '../virtual-functions/turn-off-changes.js'
import { unusedFunctions } from '../virtual-functions/unused-functions.js'
import { bootRuleChanges } from './boot-rule-changes.js'
import type { GpuSriovOptions } from './options.js'
import type { PhysicalFunction } from './physical-function.js'

/** The changes that give each physical function its number of virtual functions, now and at boot. */
export function sriovChanges(targets: readonly PhysicalFunction[], options: GpuSriovOptions): readonly Change[] {
  return targets.flatMap((target) => [
    ...numberChanges(target, options.functions),
    ...(options.persistent ? bootRuleChanges(target, options.functions) : []),
  ])
}

/** True when there are as many functions as asked for, and drivers of the host cannot take them. */
export function isNow({ enabled, autoprobe }: PhysicalFunction, functions: number): boolean {
  return enabled === functions && (functions === 0 || autoprobe !== true)
}

/**
 * The kernel takes a number only while there is none: 0 comes first. Drivers are kept from the functions, which are meant for machines,
 * for as long as there are any. Undoing runs backwards, and has to find autoprobe as it was when the functions that are on now got, or
 * did not get, their drivers.
 */
function numberChanges(target: PhysicalFunction, functions: number): readonly Change[] {
  const { device, enabled, autoprobe } = target
  if (isNow(target, functions)) return []
  if (functions === 0) return turnOffChanges(target, { reason: 'none are asked for' })
  const away = autoprobe === true ? [autoprobeChange(device, false)] : []
  if (enabled === functions) return away
  const on = turnOn(target, functions)
  if (enabled === 0) return [...away, on]
  const off = turnOffChange(target, { reason: 'their number can only be set from 0' })
  return isKeptInUndo(target) ? [...away, off, on] : [off, ...away, on]
}

function turnOn({ device }: PhysicalFunction, functions: number): Change {
  const path = `${device.path}/sriov_numvfs`
  const timeout = functionTimeout(functions)
  return {
    kind: 'write-attribute',
    path,
    from: '0',
    value: String(functions),
    why: `turn on ${functions} virtual functions of ${device.address}`,
    timeout,
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
        timeout,
        expect: [unusedFunctions(device)],
        verify: [{ kind: 'equals', path, value: '0' }],
        scope: 'runtime',
      },
    ],
  }
}
