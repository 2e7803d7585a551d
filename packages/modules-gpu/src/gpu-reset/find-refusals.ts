import { deviceWords } from '../device-words.js'
import type { Refusal } from '../gpu-vfio/refusal.js'
import { refuseIdentity } from '../gpu-vfio/refusals/refuse-identity.js'
import { listWords } from '../list-words.js'
import type { GpuResetOptions } from './options.js'
import type { ResetState } from './reset-state.js'

/** Every reason why the devices cannot be set so, all of them at once. */
export function findRefusals(states: readonly ResetState[], options: GpuResetOptions): readonly Refusal[] {
  return states.flatMap((state) => [
    ...refuseIdentity(state.device, options.identities[state.device.address]),
    ...refuseMethods(state, options.methods),
    ...(options.keepAwake ? refusePower(state) : []),
  ])
}

function refuseMethods(state: ResetState, wanted: readonly string[] | undefined): readonly Refusal[] {
  const { device, methods, neighbours, vendorReset } = state
  if (wanted === undefined || wanted.join(' ') === methods?.join(' ')) return []
  const path = `${device.path}/reset_method`
  if (methods === undefined) {
    const summary = `${deviceWords(device)} has no reset methods to choose from`
    const remedy = 'It cannot be reset on its own, or its kernel is older than 5.15; leave methods out.'
    return [{ reason: 'no-methods', device: device.address, summary, evidence: [{ path }], remedy }]
  }
  const evidence = [{ path, value: methods.join(' ') }]
  // What vendor-reset brings is in no list before it is written once; whether it knows the device is for the kernel to say.
  const unknown = wanted.filter((method) => !methods.includes(method) && !(vendorReset && method === 'device_specific'))
  if (unknown.length > 0) {
    const summary = `${deviceWords(device)} does not offer the reset method ${listWords(unknown)}`
    const remedy =
      'Choose from those in effect. When somebody took some away, writing `default` to the attribute shows all that there are.'
    return [{ reason: 'method-not-offered', device: device.address, summary, evidence, remedy }]
  }
  if (!wanted.includes('bus') || neighbours.length === 0) return []
  const summary = `${deviceWords(device)} cannot be given the method bus: the kernel refuses it while ${listWords(neighbours.map(({ address }) => address))} ${neighbours.length === 1 ? 'is' : 'are'} on the same bus`
  const remedy = 'Leave bus out: the boot lists it before it finds the neighbours, and it never works with them.'
  return [{ reason: 'bus-is-shared', device: device.address, summary, evidence, remedy }]
}

function refusePower({ device, control }: ResetState): readonly Refusal[] {
  if (control !== undefined) return []
  const evidence = [{ path: `${device.path}/power/control` }]
  const summary = `${deviceWords(device)} does not show how it may save power`
  const remedy = 'The kernel needs CONFIG_PM; leave keepAwake out.'
  return [{ reason: 'no-power-control', device: device.address, summary, evidence, remedy }]
}
