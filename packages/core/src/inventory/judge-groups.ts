import type { DeviceUse, Inventory, InventoryDevice, IommuGroup } from '../contract/inventory.js'
import { isVfioDriver, keepsGroupViable } from './driver-names.js'

/**
 * What an inventory alone says about giving a group away. `free`: nothing of the host uses it. `in-use`: something does.
 * `bound`: it has been given away. `stays`: it cannot be given away as long as these devices share it.
 */
export type GroupVerdict = 'free' | 'in-use' | 'bound' | 'stays'

/** An IOMMU group with what can be said about giving it away. */
export interface JudgedGroup extends IommuGroup {
  /** Members that are given away with the group: neither bridges nor parts of the chipset. */
  readonly functions: readonly InventoryDevice[]
  readonly verdict: GroupVerdict
  /** Why it is in use or stays, a sentence each; empty for the other verdicts. */
  readonly reasons: readonly string[]
}

/**
 * Judges every IOMMU group that holds more than bridges and parts of the chipset, in the order of the inventory. A plan
 * looks at what an inventory does not hold, and may for that refuse what is `free` here: the VFIO drivers that the kernel
 * has, may load and lets take a device, driver overrides, the framebuffer of the firmware, members of the group that are no
 * PCI functions, a group that VFIO made up without an IOMMU, and whether a sleeping device still answers.
 */
export function judgeGroups({ devices, groups }: Pick<Inventory, 'devices' | 'groups'>): readonly JudgedGroup[] {
  const known = new Map(devices.map((device) => [device.address, device]))
  return groups.flatMap((group) => {
    const members = group.members.flatMap((address) => known.get(address) ?? [])
    const functions = members.filter(({ role }) => role === 'endpoint')
    return functions.length === 0 ? [] : [{ ...group, functions, ...judge(members, functions) }]
  })
}

function judge(
  members: readonly InventoryDevice[],
  functions: readonly InventoryDevice[],
): Pick<JudgedGroup, 'verdict' | 'reasons'> {
  const obstacles = members.flatMap(obstacleOf)
  if (obstacles.length > 0) return { verdict: 'stays', reasons: obstacles }
  const isGivenAway = functions.some(isBound) && functions.every(({ driver }) => keepsGroupViable(driver))
  if (isGivenAway) return { verdict: 'bound', reasons: [] }
  const reasons = functions
    .filter((device) => !isBound(device))
    .flatMap(({ address, uses }) => uses.filter(stopsGivingAway).map(({ summary }) => `${address}: ${summary}`))
  return reasons.length > 0 ? { verdict: 'in-use', reasons } : { verdict: 'free', reasons }
}

/** Data that nobody uses at the moment is still somebody's data. */
function stopsGivingAway({ kind, severity }: DeviceUse): boolean {
  return severity === 'blocking' || kind === 'data'
}

function obstacleOf({ address, role, driver, vendor }: InventoryDevice): readonly string[] {
  if (vendor === 'ffff' && role === 'endpoint') return [`${address} in it does not answer`]
  if (role === 'chipset') return [`${address} in it belongs to the chipset`]
  if (role !== 'endpoint' && !keepsGroupViable(driver))
    return [`${address} in it is a bridge on ${driver}, which does not leave the group to a guest`]
  return []
}

function isBound({ driver }: InventoryDevice): boolean {
  return driver !== undefined && isVfioDriver(driver)
}
