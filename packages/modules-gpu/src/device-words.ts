import type { PciDevice } from '@janus/core'

/** A device as messages name it: `0000:01:00.0 (VGA display controller 10de:2204)`. */
export function deviceWords(device: PciDevice): string {
  return `${device.address} (${device.className} ${device.vendor}:${device.device})`
}

/** A member of a group and what drives it: `0000:01:00.1 (Audio device 10de:1aef, on snd_hda_intel)`. */
export function memberWords(device: PciDevice): string {
  const driver = device.driver === undefined ? 'without a driver' : `on ${device.driver}`
  return `${device.address} (${device.className} ${device.vendor}:${device.device}, ${driver})`
}

/** The part of a finding id that stands for a device: `0000-01-00-0`. */
export function addressInId(device: PciDevice): string {
  return device.address.replaceAll(/[:.]/g, '-')
}
