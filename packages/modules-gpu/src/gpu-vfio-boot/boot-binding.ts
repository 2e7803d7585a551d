import { janusError, type PciDevice, type VfioDriverChoice } from '@janus/core'

/**
 * One device that is to be bound when the machine starts, and all that says which device that is. Every member has a
 * closed alphabet, so that it stands for itself in a shell script and in a udev rule.
 */
export interface BootBinding {
  readonly address: string
  /** Path below /sys/devices: which slot it is in, and below which bridges. */
  readonly location: string
  /** `vendor:device:subvendor:subdevice:class`, lower-case hex. */
  readonly identity: string
  readonly driver: string
  readonly module: string
}

const FORMS: Readonly<Record<keyof BootBinding, RegExp>> = {
  address: /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/,
  location: /^pci[0-9a-f]{4,8}:[0-9a-f]{2}(\/(pci)?[0-9a-f]{4,8}:[0-9a-f]{2}(:[0-9a-f]{2}\.[0-7])?)+$/,
  identity: /^[0-9a-f]{4}:[0-9a-f]{4}:[0-9a-f]{4}:[0-9a-f]{4}:[0-9a-f]{6}$/,
  driver: /^[A-Za-z0-9]+(?:[-_][A-Za-z0-9]+)*$/,
  module: /^[A-Za-z0-9_]{1,64}$/,
}

/**
 * What binds a device as it is now.
 * @param location target of its link in /sys/bus/pci/devices
 * @throws JANUS_HOST_UNREADABLE when the host does not show all that identifies it
 */
export function bootBindingOf(
  device: PciDevice,
  location: string | undefined,
  { driver, module }: VfioDriverChoice,
): BootBinding {
  const binding: BootBinding = {
    address: device.address,
    location: (location ?? '').replace('/sys/devices/', ''),
    identity: identityOf(device),
    driver,
    module,
  }
  const [odd] = Object.entries(FORMS).filter(([name, form]) => !form.test(binding[name as keyof BootBinding]))
  if (odd === undefined) return binding
  const [name] = odd
  const message = `${device.path} does not show what identifies the device: its ${name} is ${JSON.stringify(binding[name as keyof BootBinding])}`
  throw janusError('JANUS_HOST_UNREADABLE', message, { data: { device: device.address, missing: name } })
}

/** `vendor:device:subvendor:subdevice:class` of a device; question marks for what the host does not show. */
export function identityOf(device: PciDevice): string {
  const { vendor, device: id, subsystemVendor = '????', subsystemDevice = '????' } = device
  return [vendor, id, subsystemVendor, subsystemDevice, device.class].join(':')
}

/** True for values that may stand in a script or a rule. */
export function isBootBinding(binding: BootBinding): boolean {
  return Object.entries(FORMS).every(([name, form]) => form.test(binding[name as keyof BootBinding]))
}
