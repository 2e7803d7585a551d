import type { WriteAttribute } from '../../contract/change.js'
import { isVfioDriver } from '../../inventory/driver-names.js'
import { readKernelRelease } from '../../inventory/kernel-release.js'
import type { OverlayBase } from './lay-change.js'

const DRIVER_ORDER = /^\/sys\/bus\/([^/]+)\/drivers\/([^/]+)\/(bind|unbind)$/

/** An order to a driver to take a device, or to let go of it (Documentation/ABI/testing/sysfs-bus-pci). */
export interface DriverOrder {
  readonly bus: string
  readonly driver: string
  readonly order: 'bind' | 'unbind'
  /** Name of the device on its bus. */
  readonly name: string
}

/** The order that writing an attribute is; undefined when it is none. */
export function driverOrderOf({ path, value }: WriteAttribute): DriverOrder | undefined {
  const [, bus, driver, order] = DRIVER_ORDER.exec(path) ?? []
  if (bus === undefined || driver === undefined) return undefined
  return { bus, driver, order: order === 'unbind' ? 'unbind' : 'bind', name: value.trim() }
}

/** Moves the links between the device and the driver, and lays what goes or changes along with them. */
export async function layDriverOrder({ tree, host }: OverlayBase, order: DriverOrder): Promise<void> {
  const { bus, driver, name } = order
  const device = `/sys/bus/${bus}/devices/${name}`
  const location = (await host.readLink(device)).value ?? device
  const directory = `/sys/bus/${bus}/drivers/${driver}`
  if (isVfioDriver(driver)) await layPowerControl({ tree, host }, `${location}/power/control`, order)
  if (order.order === 'unbind') {
    await layNoInterrupts({ tree, host }, location)
    await tree.put(`${location}/driver`, { type: 'absent' })
    await tree.put(`${directory}/${name}`, { type: 'absent' })
    return
  }
  await tree.put(`${location}/driver`, { type: 'link', target: directory })
  if (await host.exists(directory)) await tree.put(`${directory}/${name}`, { type: 'link', target: location })
}

/**
 * A VFIO driver lets a device sleep while it has it, and forbids it when it lets go: since 5.19 (drivers/vfio/pci/vfio_pci_core.c,
 * vfio_pci_core_register_device), and where a distribution has brought that to an older kernel, which no file says.
 */
async function layPowerControl({ tree, host }: OverlayBase, path: string, { order }: DriverOrder): Promise<void> {
  if ((await host.readText(path)).value === undefined) return
  const [major = 0, minor = 0] = ((await readKernelRelease(host)) ?? '').split(/[.-]/).map(Number)
  const isSince = major > 5 || (major === 5 && minor >= 19)
  const text = order === 'bind' ? 'auto\n' : 'on\n'
  await tree.put(path, isSince ? { type: 'attribute', text } : { type: 'pending', by: 'kernel', exists: true })
}

/** A driver that lets go gives the device's message interrupts back (PCI/msi-howto.rst); what is shared by wire stays. */
async function layNoInterrupts({ tree, host }: OverlayBase, location: string): Promise<void> {
  for (const number of (await host.list(`${location}/msi_irqs`)).value ?? []) {
    await tree.put(`/proc/irq/${number}`, { type: 'absent' })
    await tree.put(`${location}/msi_irqs/${number}`, { type: 'absent' })
  }
}
