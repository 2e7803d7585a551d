import type { Change, PciDevice } from '@janus/core'
import { autoprobePath } from './enabled-functions.js'

/**
 * Says whether drivers may look at the virtual functions of a device. The kernel asks for it at every probe of every function
 * without an override, also when a driver is loaded long after the function was made (drivers/pci/pci-driver.c, pci_device_can_probe).
 */
export function autoprobeChange(device: PciDevice, on: boolean): Change {
  return {
    kind: 'write-attribute',
    path: autoprobePath(device),
    from: on ? '0' : '1',
    value: on ? '1' : '0',
    why: on
      ? `let drivers look at virtual functions of ${device.address} that are made from now on: there are none`
      : `keep the drivers of the host from the virtual functions of ${device.address}, also those that are loaded later`,
    scope: 'runtime',
  }
}
