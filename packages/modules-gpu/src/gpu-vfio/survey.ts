import {
  type Host,
  type KernelModules,
  type PciAddress,
  type PciDevice,
  type Query,
  readKernelModules,
  readPciDevices,
} from '@janus/core'
import { groupMembers } from '../group-members.js'
import { type IommuState, readIommuState } from '../iommu-state.js'
import { type FramebufferOwner, framebufferOwners } from './framebuffer-owners.js'

/** What the host shows before any target is chosen; read once. */
export interface Survey {
  readonly host: Host
  readonly query: Query
  readonly devices: readonly PciDevice[]
  readonly byAddress: ReadonlyMap<PciAddress, PciDevice>
  readonly iommu: IommuState
  readonly kernelModules: KernelModules
  /** Displays a region of which the framebuffer of the firmware still owns. */
  readonly framebufferOwners: ReadonlyMap<string, FramebufferOwner>
  /** Devices of a group in address order. */
  members(group: string): readonly PciDevice[]
}

/** Reads the PCI devices, the state of the IOMMU and the kernel modules of a host. */
export async function surveyHost(host: Host, query: Query): Promise<Survey> {
  const [devices, kernelModules, iomem] = await Promise.all([
    readPciDevices(host),
    readKernelModules(host),
    host.readText('/proc/iomem'),
  ])
  const groups = groupMembers(devices)
  const iommu = await readIommuState(host, devices)
  return {
    host,
    query,
    devices,
    byAddress: new Map(devices.map((device) => [device.address, device])),
    iommu,
    kernelModules,
    framebufferOwners: framebufferOwners(iomem.value ?? ''),
    members: (group) => groups.get(group) ?? [],
  }
}
