import type { Host } from '../contract/host.js'
import type { IommuGroup, PciDevice } from '../contract/inventory.js'
import { isPciAddress, type PciAddress } from '../contract/pci-address.js'
import { comparePciAddresses } from './compare-pci-addresses.js'
import { readPciDevices } from './pci-devices.js'
import { listNames, readValue } from './read-value.js'

/** Directory with one directory for every IOMMU group. */
export const IOMMU_GROUPS = '/sys/kernel/iommu_groups'

/** Directory with one entry for every IOMMU that the kernel uses. */
export const IOMMU_CLASS = '/sys/class/iommu'

/**
 * Reads the IOMMU groups with a PCI device in them, by the group directories and by the devices' own links: a captured
 * host may show only one of the two.
 * @param devices the PCI devices, when the caller has them already
 * @returns the groups, sorted by number
 */
export async function readIommuGroups(host: Host, devices?: readonly PciDevice[]): Promise<IommuGroup[]> {
  const members = new Map<string, Set<PciAddress>>()
  for (const id of await listNames(host, IOMMU_GROUPS)) {
    const names = (await listNames(host, `${IOMMU_GROUPS}/${id}/devices`)).filter(isPciAddress)
    if (/^\d+$/.test(id) && names.length > 0) members.set(id, new Set(names))
  }
  for (const { address, iommuGroup } of devices ?? (await readPciDevices(host))) {
    if (iommuGroup === undefined) continue
    members.set(iommuGroup, (members.get(iommuGroup) ?? new Set()).add(address))
  }
  const ids = [...members.keys()].sort((a, b) => Number(a) - Number(b))
  return Promise.all(ids.map((id) => readGroup(host, id, members.get(id) ?? new Set())))
}

/**
 * Tells whether an IOMMU is in effect, by what only an IOMMU in effect leaves in sysfs.
 * @returns undefined when a captured host shows nothing about it
 */
export async function isIommuInEffect(host: Host, devices: readonly PciDevice[]): Promise<boolean | undefined> {
  if (devices.some(({ iommuGroup }) => iommuGroup !== undefined)) return true
  const units = await host.list(IOMMU_CLASS)
  if (units.value !== undefined) return units.value.length > 0
  const groups = await host.list(IOMMU_GROUPS)
  if (groups.value !== undefined) return groups.value.length > 0
  // A kernel without either directory was built without IOMMU support; a capture may simply have left them out.
  return host.kind === 'live' && units.unreadable === undefined ? false : undefined
}

async function readGroup(host: Host, id: string, members: ReadonlySet<PciAddress>): Promise<IommuGroup> {
  const type = await readValue(host, `${IOMMU_GROUPS}/${id}/type`)
  return { id, ...(type === undefined ? {} : { type }), members: [...members].sort(comparePciAddresses) }
}
