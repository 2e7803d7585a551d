import type { Host } from '../contract/host.js'
import type { Inventory } from '../contract/inventory.js'
import type { Query } from '../contract/query.js'
import { readDeviceUses } from './device-uses/index.js'
import { isIommuInEffect, readIommuGroups } from './iommu-groups.js'
import { readPciDevices } from './pci-devices.js'

/**
 * Reads the PCI side of a host: devices, groups, whether an IOMMU is in effect, and who uses what.
 * @param query answers who holds devices open
 */
export async function readInventory(host: Host, query: Query): Promise<Inventory> {
  const devices = await readPciDevices(host)
  const groups = await readIommuGroups(host, devices)
  const iommu = await isIommuInEffect(host, devices)
  const uses = await readDeviceUses(host, query, devices)
  return {
    host: host.description,
    devices: devices.map((device) => ({ ...device, uses: uses.get(device.address) ?? [] })),
    groups,
    ...(iommu === undefined ? {} : { iommu }),
  }
}
