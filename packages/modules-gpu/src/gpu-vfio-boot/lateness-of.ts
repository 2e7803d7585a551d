import type { PciDevice } from '@janus/core'
import type { BootBinding } from './boot-binding.js'

/**
 * Why no script of an initramfs meets a device: it runs before any driver, and what a driver makes is not there yet. An
 * endpoint that makes a domain of its own has a root bus below it in sysfs (`pci_create_root_bus` in
 * drivers/pci/controller/vmd.c); virtual functions come with the driver of their physical one (drivers/pci/iov.c).
 * Undefined for a device that is there before any driver.
 */
export function latenessOf({ physicalFunction }: PciDevice, { location }: BootBinding): string | undefined {
  if (physicalFunction !== undefined) return `a virtual function of ${physicalFunction}, whose driver makes it`
  const [, controller] = /([^/]+)\/pci[0-9a-f]+:/.exec(location) ?? []
  return controller === undefined ? undefined : `behind ${controller}, whose driver makes its bus`
}
