import type { Host } from '../../contract/host.js'
import type { DeviceUse, PciDevice } from '../../contract/inventory.js'
import type { PciAddress } from '../../contract/pci-address.js'
import type { Query } from '../../contract/query.js'
import { findDescriptorUses } from './descriptor-uses.js'
import { findDiskUses } from './disk-uses.js'
import { findDisplayUses } from './display-uses.js'
import { findKeyboardUses } from './keyboard-uses.js'
import { findNetworkUses } from './network-uses.js'
import { createUseSurvey, type UseFinder } from './use-survey.js'
import { findVirtualFunctionUses } from './virtual-function-uses.js'

const FINDERS: readonly UseFinder[] = [
  findDiskUses,
  findNetworkUses,
  findDisplayUses,
  findKeyboardUses,
  findVirtualFunctionUses,
  findDescriptorUses,
]

/**
 * Finds who uses these devices: file systems and what is stacked on disks, routes and sessions over network interfaces,
 * displays, the last keyboard, virtual functions, and processes that hold a device open.
 * @param query answers who holds devices open
 * @param devices the devices to find the uses of; others are not looked at
 * @returns the uses of each of them, those that losing would hurt first
 */
export async function readDeviceUses(
  host: Host,
  query: Query,
  devices: readonly PciDevice[],
): Promise<ReadonlyMap<PciAddress, readonly DeviceUse[]>> {
  const uses = new Map<PciAddress, DeviceUse[]>(devices.map(({ address }) => [address, []]))
  if (devices.length === 0) return uses
  const survey = createUseSurvey(host, query, devices)
  for (const find of FINDERS) {
    for (const { address, use } of await find(survey)) uses.get(address)?.push(use)
  }
  for (const found of uses.values()) found.sort((a, b) => rank(a) - rank(b))
  return uses
}

function rank({ severity }: DeviceUse): number {
  return severity === 'blocking' ? 0 : 1
}
