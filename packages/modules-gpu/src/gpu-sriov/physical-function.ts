import {
  type DeviceUse,
  type Host,
  type PciDevice,
  type Query,
  readDeviceUses,
  readPciDevices,
  readVirtualFunctions,
} from '@janus/core'
import { findDevices } from '../find-devices.js'
import { type EnabledFunctions, readAutoprobe } from '../virtual-functions/enabled-functions.js'
import { type BootRule, readBootRule } from './boot-rule.js'
import type { GpuSriovOptions } from './options.js'

/** A physical function, its virtual functions and who uses them. */
export interface PhysicalFunction extends EnabledFunctions {
  /** The most there can be; undefined when the device can have none. */
  readonly total: number | undefined
  /** Uses of its virtual functions that losing them would hurt, with the function they are of. */
  readonly uses: readonly { readonly device: PciDevice; readonly use: DeviceUse }[]
  /** True when vfio-pci may create virtual functions; undefined for another driver. */
  readonly vfioMayCreate: boolean | undefined
  readonly rule: BootRule
}

const VFIO_PARAMETER = '/sys/module/vfio_pci/parameters/enable_sriov'

/**
 * Reads the physical functions that the options name.
 * @throws JANUS_DEVICE_NOT_FOUND with near matches
 */
export async function readPhysicalFunctions(
  host: Host,
  query: Query,
  options: GpuSriovOptions,
): Promise<readonly PhysicalFunction[]> {
  const devices = findDevices(host.description, await readPciDevices(host), [...new Set(options.devices)])
  const functions = new Map<PciDevice, readonly PciDevice[]>()
  for (const device of devices) functions.set(device, await readVirtualFunctions(host, device))
  const uses = await readDeviceUses(host, query, [...functions.values()].flat())
  return Promise.all(
    devices.map(async (device) => {
      const own = functions.get(device) ?? []
      const blocking = own.flatMap((virtual) =>
        (uses.get(virtual.address) ?? [])
          .filter(({ severity }) => severity === 'blocking')
          .map((use) => ({ device: virtual, use })),
      )
      return {
        device,
        enabled: device.virtualFunctions?.enabled ?? 0,
        total: device.virtualFunctions?.total,
        functions: own,
        uses: blocking,
        autoprobe: await readAutoprobe(host, device),
        vfioMayCreate: device.driver === 'vfio-pci' ? await isEnabled(host, VFIO_PARAMETER) : undefined,
        rule: await readBootRule(host, device),
      }
    }),
  )
}

async function isEnabled(host: Host, path: string): Promise<boolean> {
  return (await host.readText(path)).value?.trim() === 'Y'
}
