import { closeSync, constants, openSync, statSync } from 'node:fs'
import type { QueryAnswer } from '../../contract/query.js'
import { deviceNumber } from '../live-host.js'

// Opening a device can do things (a watchdog starts, a tape rewinds, a VFIO group becomes busy): only these are opened.
const HARMLESS = /^\/dev\/(kvm|iommu|null|net\/tun|vhost-net|vhost-vsock|vfio\/vfio)$/

/**
 * Opens a device for reading and writing and closes it again.
 *
 * A device node whose driver is not there is not opened, because that would make the kernel load a module.
 * @param path one of a closed list of device nodes
 */
export function probeOpenable(path: string): QueryAnswer<'openable'> {
  if (!HARMLESS.test(path)) return { available: false, reason: `opening ${JSON.stringify(path)} could have effects` }
  try {
    const stats = statSync(path)
    if (!stats.isCharacterDevice()) return { available: true, openable: false, error: 'ENODEV: not a character device' }
    if (!hasDriver(deviceNumber(stats.rdev)))
      return { available: true, openable: false, error: 'ENODEV: no driver behind it' }
    closeSync(openSync(path, constants.O_RDWR | constants.O_NONBLOCK | constants.O_NOCTTY))
    return { available: true, openable: true }
  } catch (error) {
    return { available: true, openable: false, error: (error as NodeJS.ErrnoException).code ?? String(error) }
  }
}

// Where sysfs is not mounted nobody can tell, and then the attempt is all there is.
function hasDriver(device: string): boolean {
  if (statSync('/sys/dev/char', { throwIfNoEntry: false }) === undefined) return true
  return statSync(`/sys/dev/char/${device}`, { throwIfNoEntry: false }) !== undefined
}
