import {
  comparePciAddresses,
  type DeviceUse,
  isVfioDriver,
  janusError,
  type PciAddress,
  type PciDevice,
  type VfioDriverChoice,
} from '@janus/core'
import { findDevices } from '../find-devices.js'
import { type DriverOverride, readDriverOverride } from './driver-override.js'
import { type GpuVfioOptions, gpuVfioOptions } from './options.js'
import type { Survey } from './survey.js'
import { chooseVfioDriver } from './vfio-driver.js'

/** A device that is to be bound, with all that its refusals and changes rest on. */
export interface Target {
  readonly device: PciDevice
  readonly vfio: VfioDriverChoice
  readonly override: DriverOverride
  readonly uses: readonly DeviceUse[]
  /** True when it is on a VFIO driver already, and on the one asked for when one was. */
  readonly isBound: boolean
}

/** The targets in address order, and the options they were chosen by. */
export interface Selection {
  readonly options: GpuVfioOptions
  readonly targets: readonly Target[]
  /** Uses of devices that are not targets but would be lost with one: virtual functions that are turned off. */
  readonly dependents: ReadonlyMap<PciAddress, readonly DeviceUse[]>
}

/**
 * Chooses the devices that the options name, the members of the group, and the siblings that were consented to.
 * @throws JANUS_DEVICE_NOT_FOUND with near matches; JANUS_OPTIONS_INVALID for a consent that names no sibling
 */
export async function selectTargets(survey: Survey, options: GpuVfioOptions): Promise<Selection> {
  const named =
    options.group === undefined
      ? findDevices(survey.host.description, survey.devices, options.devices ?? [])
      : findGroup(survey, options.group)
  const siblings = findDevices(survey.host.description, survey.devices, options.includeSiblings)
  for (const sibling of siblings) requireSibling(sibling, named)
  const devices = [...new Map([...named, ...siblings].map((device) => [device.address, device])).values()].sort(
    (a, b) => comparePciAddresses(a.address, b.address),
  )
  const dependents = options.disableVirtualFunctions
    ? survey.devices.filter((device) => isVirtualOf(device, devices))
    : []
  const uses = await survey.usesOf([...devices, ...dependents])
  const targets: Target[] = []
  for (const device of devices) targets.push(await toTarget(survey, device, options, uses.get(device.address) ?? []))
  return { options, targets, dependents: new Map(dependents.map(({ address }) => [address, uses.get(address) ?? []])) }
}

/** A selection of each device alone, as if it had been named; who uses them is asked once. */
export async function selectEach(survey: Survey, devices: readonly PciDevice[]): Promise<readonly Selection[]> {
  const uses = await survey.usesOf(devices)
  return Promise.all(
    devices.map(async (device) => {
      const options = gpuVfioOptions.parse({ devices: [device.address] })
      return {
        options,
        targets: [await toTarget(survey, device, options, uses.get(device.address) ?? [])],
        dependents: new Map(),
      }
    }),
  )
}

async function toTarget(
  survey: Survey,
  device: PciDevice,
  options: GpuVfioOptions,
  uses: readonly DeviceUse[],
): Promise<Target> {
  const [vfio, override] = await Promise.all([
    chooseVfioDriver(survey.host, device, options.driver),
    readDriverOverride(survey.host, device),
  ])
  const isOnVfio = device.driver !== undefined && isVfioDriver(device.driver)
  const isBound = isOnVfio && (options.driver ?? device.driver) === device.driver
  return { device, vfio, override, uses, isBound }
}

function findGroup(survey: Survey, group: string): readonly PciDevice[] {
  const id = group.replace(/^0+(?=\d)/, '')
  const members = survey.members(id)
  if (members.length === 0) {
    const path = `/sys/kernel/iommu_groups/${id}`
    const message = `${survey.host.description} has no IOMMU group ${id} with a PCI device in it (${path}); group numbers change between boots`
    throw janusError('JANUS_DEVICE_NOT_FOUND', message, { data: { group: id, path } })
  }
  const endpoints = members.filter((member) => member.role !== 'bridge' && member.role !== 'host-bridge')
  if (endpoints.length > 0) return endpoints
  const names = members.map(({ address }) => address).join(', ')
  throw janusError(
    'JANUS_DEVICE_REFUSED',
    `IOMMU group ${id} holds only bridges (${names}), which stay with the host`,
    {
      data: { group: id, members: members.map(({ address }) => address) },
      remedy: 'Name the group of the device behind the bridge.',
    },
  )
}

function requireSibling(sibling: PciDevice, named: readonly PciDevice[]): void {
  if (named.some((device) => device.address === sibling.address || sharesGroup(device, sibling))) return
  const message = `includeSiblings names ${sibling.address}, which is in no IOMMU group of ${named.map(({ address }) => address).join(', ')}`
  const remedy = 'Leave it out, or name it in devices if it is to be bound for its own sake.'
  throw janusError('JANUS_OPTIONS_INVALID', message, {
    remedy,
    data: { option: 'includeSiblings', device: sibling.address },
  })
}

function sharesGroup(a: PciDevice, b: PciDevice): boolean {
  return a.iommuGroup !== undefined && a.iommuGroup === b.iommuGroup
}

function isVirtualOf(device: PciDevice, physical: readonly PciDevice[]): boolean {
  return physical.some(({ address }) => device.physicalFunction === address)
}
