import { type Finding, type Host, isJanusError, type PciDevice, readPciDevices } from '@janus/core'
import { addressInId, deviceWords, memberWords } from '../device-words.js'
import { findDevices } from '../find-devices.js'
import { findingOfRefusal } from '../finding-of-refusal.js'
import { listWords } from '../list-words.js'
import { resetChanges } from './changes.js'
import { findRefusals } from './find-refusals.js'
import type { GpuResetOptions } from './options.js'
import { resetBugFamily } from './reset-bug.js'
import { BIND_LETS_SLEEP, isOnVfio, type ResetState, readResetStates } from './reset-state.js'

/** How every display of the host can be reset. */
export async function overviewFindings(host: Host): Promise<readonly Finding[]> {
  const all = await readPciDevices(host)
  const displays = all.filter(({ isDisplay }) => isDisplay)
  if (displays.length === 0) {
    return [{ id: 'displays', status: 'skipped', summary: 'the host shows no display controller' }]
  }
  return (await readResetStates(host, all, displays, { sleep: true })).map(stateFinding)
}

/** Whether the devices are as the options ask for, can be, or cannot. */
export async function targetFindings(host: Host, options: GpuResetOptions): Promise<readonly Finding[]> {
  try {
    const all = await readPciDevices(host)
    const states = await readResetStates(host, all, findTargets(host, all, options), { sleep: options.keepAwake })
    const refusals = findRefusals(states, options)
    const refused = new Set(refusals.map(({ device }) => device))
    const free = states.filter(({ device }) => !refused.has(device.address))
    return [...refusals.map(findingOfRefusal), ...free.map((state) => targetFinding(state, options))]
  } catch (error) {
    if (!isJanusError(error)) throw error
    return [{ id: 'targets', status: 'critical', summary: error.message, remedy: error.remedy }]
  }
}

/**
 * The devices that the options name.
 * @throws JANUS_DEVICE_NOT_FOUND with near matches
 */
export function findTargets(host: Host, all: readonly PciDevice[], options: GpuResetOptions): readonly PciDevice[] {
  return findDevices(host.description, all, [...new Set(options.devices)])
}

function stateFinding(state: ResetState): Finding {
  const { device, methods, neighbours, vendorReset } = state
  const path = `${device.path}/reset_method`
  const base = {
    id: `display-${addressInId(device)}`,
    detail: [sleepWords(state), ...busWords(state)].join('\n'),
    evidence: [
      { path, ...(methods === undefined ? {} : { value: methods.join(' ') }) },
      {
        path: `${device.path}/d3cold_allowed`,
        ...(state.coldAllowed === undefined ? {} : { value: state.coldAllowed }),
      },
      { path: `${device.path}/power/control`, ...(state.control === undefined ? {} : { value: state.control }) },
    ],
  }
  const family = resetBugFamily(device)
  const isHelped = vendorReset && methods?.[0] === 'device_specific'
  if (family !== undefined && !isHelped) {
    const summary = `${deviceWords(device)} is of the family AMD ${family}, which does not come back from the resets that the kernel knows`
    const choose = `janus plan gpu-reset -o devices=${device.address} -o methods=device_specific`
    const remedy = vendorReset
      ? `vendor-reset is loaded; choose it before any other: ${choose}`
      : `Load the kernel module vendor-reset before the first virtual machine starts, then choose its method: ${choose}`
    return { ...base, status: 'warn', summary, remedy }
  }
  if (methods === undefined) {
    if (state.canReset === undefined || state.canReset) {
      const summary = `${deviceWords(device)}: the host does not show by which method it is reset`
      return { ...base, status: 'skipped', summary }
    }
    const summary = `${deviceWords(device)} cannot be reset on its own: a guest may not be able to start it a second time`
    return { ...base, status: 'warn', summary, remedy: 'Try a second start of the guest before relying on it.' }
  }
  if (methods.length === 0) {
    const summary = `${deviceWords(device)}: somebody took all of its reset methods away`
    return { ...base, status: 'warn', summary, remedy: `Write \`default\` to ${path}.` }
  }
  if (methods.length === 1 && methods[0] === 'bus' && neighbours.length > 0) {
    const summary = `${deviceWords(device)} can only be reset with its whole bus, which also hits ${listWords(neighbours.map(memberWords))}`
    return { ...base, status: 'warn', summary, remedy: 'Give the machine all functions of the bus.' }
  }
  return { ...base, status: 'ok', summary: `${deviceWords(device)} is reset by ${methods.join(', ')}` }
}

function busWords({ methods, neighbours }: ResetState): readonly string[] {
  if (methods?.includes('bus') !== true) return []
  if (neighbours.length === 0) return ['a bus reset hits no other function']
  return [`a bus reset also hits ${listWords(neighbours.map(memberWords))}`]
}

function sleepWords({ coldAllowed, control, runtimeStatus }: ResetState): string {
  const status = runtimeStatus === undefined ? '' : `, now ${runtimeStatus}`
  if (control === undefined) return 'the host does not show how it may save power'
  if (control === 'on') return `it stays awake (power/control is on${status})`
  return coldAllowed === '1'
    ? `it may sleep, and its power may be cut (D3cold)${status}`
    : `it may sleep, but its power is not cut${status}`
}

function targetFinding(state: ResetState, options: GpuResetOptions): Finding {
  const { device, methods, coldAllowed, control } = state
  const isSo = resetChanges([state], options).length === 0
  const isLost = options.keepAwake && control === 'auto' && isOnVfio(state)
  const asked = [
    ...(options.methods === undefined ? [] : [`reset by ${options.methods.join(', ')}`]),
    ...(options.keepAwake ? ['kept awake'] : []),
  ].join(' and ')
  return {
    id: `target-${addressInId(device)}`,
    status: isLost ? 'warn' : 'ok',
    summary: `${deviceWords(device)} ${isSo ? 'is' : 'can be'} ${asked}${isLost ? ': its VFIO driver let it sleep when it took it' : ''}`,
    ...(options.keepAwake && !isOnVfio(state) ? { detail: BIND_LETS_SLEEP } : {}),
    ...(isLost ? { remedy: 'Apply this module once more.' } : {}),
    evidence: [
      ...(options.methods === undefined
        ? []
        : [{ path: `${device.path}/reset_method`, value: (methods ?? []).join(' ') }]),
      ...(options.keepAwake
        ? [
            { path: `${device.path}/d3cold_allowed`, ...(coldAllowed === undefined ? {} : { value: coldAllowed }) },
            { path: `${device.path}/power/control`, ...(control === undefined ? {} : { value: control }) },
          ]
        : []),
    ],
  }
}
