import type { Change, DeviceUseKind, Loss } from '@janus/core'
import { oneLine } from '../one-line.js'
import { autoprobeChange } from './autoprobe-change.js'
import { type EnabledFunctions, functionsOfHost } from './enabled-functions.js'
import { functionTimeout } from './function-timeout.js'
import { unusedFunctions } from './unused-functions.js'

const MOST_CHARACTERS = 900

/** Why the functions are turned off, and what stands in the way of it. */
export interface TurnOff {
  /** The rest of a sentence: `none are asked for`. */
  readonly reason: string
  /** Kinds of use of a function that stop it. Default: all. */
  readonly kinds?: readonly DeviceUseKind[]
  /** What is lost besides the functions themselves. */
  readonly losses?: readonly Loss[]
}

/**
 * Turns every function off, and leaves autoprobe as every kernel has it at first: whoever makes functions by hand gets drivers for them.
 * Undoing runs backwards, and finds autoprobe so that functions without a driver of the host come back without one.
 */
export function turnOffChanges(target: EnabledFunctions, turnOff: TurnOff): readonly Change[] {
  const { device, autoprobe } = target
  const away = isKeptInUndo(target) ? [autoprobeChange(device, false)] : []
  const back = autoprobe === false || away.length > 0 ? [autoprobeChange(device, true)] : []
  return [...away, turnOffChange(target, turnOff), ...back]
}

/**
 * True when drivers have to be kept away before the functions are turned off, so that undoing, which makes them again, does not
 * hand them over: those on VFIO, or on nothing, were taken from the host.
 */
export function isKeptInUndo(target: EnabledFunctions): boolean {
  return target.autoprobe === true && functionsOfHost(target).length === 0
}

/** The step that turns every function off; undone by making as many again. */
export function turnOffChange(target: EnabledFunctions, { reason, kinds, losses = [] }: TurnOff): Change {
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
    why: `turn off the ${enabled} virtual functions of ${device.address}, which takes a second or more: ${reason}`,
    timeout: functionTimeout(enabled),
    expect: [unusedFunctions(device, kinds)],
    verify: [{ kind: 'equals', path, value: '0' }],
    scope: 'runtime',
    irreversible: [{ id: 'virtual-functions', summary: summary.slice(0, MOST_CHARACTERS) }, ...losses],
  }
}
