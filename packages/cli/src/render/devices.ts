import type { Inventory, InventoryDevice, IommuGroup, Plan } from '@janus/core'
import { type Fragment, indent, lines, text } from './markup.js'
import type { Palette } from './palette.js'

/** The devices that a plan is about, everything that shares a group with them, and those groups. */
export interface DevicesInPlan {
  readonly devices: readonly InventoryDevice[]
  readonly groups: readonly IommuGroup[]
}

/** True when a plan is about PCI devices, so that a reader wants to know who uses them. */
export function isAboutDevices(plan: Plan): boolean {
  return plan.facts.some(({ subject }) => subject.startsWith('pci:'))
}

/** Picks out of an inventory what a plan is about. */
export function devicesInPlan(plan: Plan, inventory: Inventory): DevicesInPlan {
  const named = new Set(plan.facts.map(({ subject }) => subject.replace(/^pci:/, '')))
  const groups = inventory.groups.filter(({ members }) => members.some((member) => named.has(member)))
  const wanted = new Set([...named, ...groups.flatMap(({ members }) => members)])
  return { devices: inventory.devices.filter(({ address }) => wanted.has(address)), groups }
}

/** The devices of a plan: what they are, who uses them, and what shares their group. */
export function renderDevices(palette: Palette, { devices, groups }: DevicesInPlan): Fragment {
  const entries = devices.map((device) =>
    lines(renderDevice(device), ...device.uses.map((use) => renderUse(palette, use))),
  )
  const shared = groups.map(({ id, members }) => text`IOMMU group ${id}: ${members.join(' ')}`)
  return lines(palette.title('Devices and their groups'), indent(lines(...entries, ...shared), 2))
}

/** One way in which the host uses a device. */
export function renderUse(palette: Palette, use: InventoryDevice['uses'][number]): Fragment {
  const paint = use.severity === 'blocking' ? palette.bad : palette.notice
  return text`  ${paint(use.severity === 'blocking' ? 'in use' : 'note')} ${use.summary} (${use.evidence})`
}

function renderDevice(device: InventoryDevice): Fragment {
  const group = device.iommuGroup === undefined ? 'no IOMMU group' : `group ${device.iommuGroup}`
  const driver = device.driver === undefined ? 'no driver' : `driver ${device.driver}`
  return text`${device.address}  ${device.className} [${device.vendor}:${device.device}], ${driver}, ${group}`
}
