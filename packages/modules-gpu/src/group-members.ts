import type { PciDevice } from '@janus/core'

/** Devices by the IOMMU group they are in, each group in the order of the devices given. */
export function groupMembers(devices: readonly PciDevice[]): ReadonlyMap<string, readonly PciDevice[]> {
  const groups = new Map<string, PciDevice[]>()
  for (const device of devices) {
    if (device.iommuGroup === undefined) continue
    const members = groups.get(device.iommuGroup)
    if (members === undefined) groups.set(device.iommuGroup, [device])
    else members.push(device)
  }
  return groups
}
