import {
  type DeviceUse,
  type Host,
  type Inventory,
  type KernelModules,
  type PciAddress,
  type PciDevice,
  type Query,
  readDeviceUses,
  readKernelModules,
  readPciDevices,
} from '@janus/core'
import { groupMembers } from '../group-members.js'
import { type IommuState, readIommuState } from '../iommu-state.js'
import { type FramebufferOwner, framebufferOwners } from './framebuffer-owners.js'

/** What the host shows before any target is chosen; read once. */
export interface Survey {
  readonly host: Host
  readonly devices: readonly PciDevice[]
  readonly byAddress: ReadonlyMap<PciAddress, PciDevice>
  readonly iommu: IommuState
  readonly kernelModules: KernelModules
  /** Displays a region of which the framebuffer of the firmware still owns. */
  readonly framebufferOwners: ReadonlyMap<string, FramebufferOwner>
  /** Devices of a group in address order. */
  members(group: string): readonly PciDevice[]
  /** Who uses these devices. */
  usesOf(devices: readonly PciDevice[]): Promise<ReadonlyMap<PciAddress, readonly DeviceUse[]>>
}

/** Reads the PCI devices, the state of the IOMMU and the kernel modules of a host. */
export async function surveyHost(host: Host, query: Query): Promise<Survey> {
  const devices = await readPciDevices(host)
  return surveyDevices(host, devices, (wanted) => readDeviceUses(host, query, wanted))
}

/** The same of a host whose devices have been read, and who uses them. */
export async function surveyInventory(host: Host, { devices }: Inventory): Promise<Survey> {
  const uses = new Map(devices.map((device) => [device.address, device.uses]))
  return surveyDevices(host, devices, async () => uses)
}

async function surveyDevices(host: Host, devices: readonly PciDevice[], usesOf: Survey['usesOf']): Promise<Survey> {
  const [kernelModules, iomem] = await Promise.all([readKernelModules(host), host.readText('/proc/iomem')])
  const groups = groupMembers(devices)
  const iommu = await readIommuState(host, devices)
  return {
    host,
    devices,
    usesOf,
    byAddress: new Map(devices.map((device) => [device.address, device])),
    iommu,
    kernelModules,
    framebufferOwners: framebufferOwners(iomem.value ?? ''),
    members: (group) => groups.get(group) ?? [],
  }
}
