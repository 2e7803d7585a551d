import { groupDevice } from './driver-binding.js'
import type { KernelState, PciDeviceState } from './kernel-state.js'

/** A VFIO user that holds something open. */
export interface DescriptorHold {
  /** Closes what it holds; what the kernel made wait for that goes on. */
  release(): void
}

/** A hold as the probe for holders sees it. */
export interface HeldNode {
  readonly pid: number
  readonly path: string
  /** `major:minor` of the node. */
  readonly device: string
}

const FIRST_HOLDER = 4000

/** Opens a device node that a module made, as a virtual machine does with `/dev/kvm`: the module is in use until it is closed. */
export function holdNode(kernel: KernelState, holds: Set<HeldNode>, path: string): DescriptorHold {
  const { node } = kernel.tree.lookup(path)
  if (node?.type !== 'character-device') throw new Error(`ENOENT: there is no device node ${path}`)
  const owner = [...kernel.modules.values()].find(
    ({ loaded, spec }) => loaded && spec.whileLoaded?.[path] !== undefined,
  )
  const held: HeldNode = { pid: FIRST_HOLDER, path, device: node.device }
  holds.add(held)
  kernel.references.push((module) => (module === owner?.spec.name && holds.has(held) ? 1 : 0))
  return { release: () => void holds.delete(held) }
}

/** Opens a group, and these devices of it, as a virtual machine does. Throws, naming the errno, where the kernel would refuse. */
export function holdDescriptors(
  kernel: KernelState,
  holds: Set<HeldNode>,
  group: string,
  devices: readonly PciDeviceState[],
): DescriptorHold {
  if (kernel.ownedGroups.has(group)) throw new Error(`EBUSY: group ${group} is open already`)
  const members = [...kernel.devices.values()].filter((device) => device.spec.group === group)
  const inTheWay = members.find((member) => isOnHostDriver(kernel, member))
  if (inTheWay !== undefined)
    throw new Error(`EPERM: group ${group} is not viable, ${inTheWay.address} is on ${inTheWay.driver}`)
  const stranger = devices.find((device) => kernel.drivers.get(device.driver ?? '')?.spec.kind !== 'vfio')
  if (stranger !== undefined) throw new Error(`ENODEV: ${stranger.address} is not on a VFIO driver`)
  const held = { pid: FIRST_HOLDER + Number(group), path: `/dev/vfio/${group}`, device: groupDevice(group) }
  holds.add(held)
  kernel.ownedGroups.set(group, devices.length)
  for (const device of devices) device.descriptors += 1
  return {
    release() {
      if (!holds.delete(held)) return
      for (const device of devices) device.descriptors -= 1
      kernel.ownedGroups.delete(group)
      kernel.scheduler.settle()
    },
  }
}

function isOnHostDriver(kernel: KernelState, device: PciDeviceState): boolean {
  const driver = kernel.drivers.get(device.driver ?? '')
  return driver !== undefined && (driver.spec.kind ?? 'host') === 'host'
}
