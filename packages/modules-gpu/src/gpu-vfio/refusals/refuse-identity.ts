import type { PciDevice } from '@janus/core'
import { deviceWords } from '../../device-words.js'
import { insistence } from '../insistence.js'
import type { Refusal } from '../refusal.js'

/**
 * Refuses a device that is not the one expected at its address: adding a card or a firmware update moves addresses.
 * @param expected `vendor:device` or `vendor:device:subvendor:subdevice`
 */
export function refuseIdentity(device: PciDevice, expected: string | undefined): readonly Refusal[] {
  if (expected === undefined) return []
  const found = [device.vendor, device.device, device.subsystemVendor ?? '????', device.subsystemDevice ?? '????']
  const wanted = expected.split(':')
  if (wanted.every((part, index) => part === found[index])) return []
  return [
    {
      reason: 'other-device',
      device: device.address,
      summary: `${deviceWords(device)} is not the device expected at this address (${expected})`,
      evidence: [
        { path: `${device.path}/vendor`, value: `0x${device.vendor}` },
        { path: `${device.path}/device`, value: `0x${device.device}` },
      ],
      ...insistence('identities', { [device.address]: found.slice(0, wanted.length).join(':') }),
      remedy: 'Look up the address of the device again with `janus bind --list`.',
    },
  ]
}
