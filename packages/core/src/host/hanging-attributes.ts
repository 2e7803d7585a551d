/**
 * Attributes whose `show` takes the device lock, which the kernel holds during a bind or unbind of that device: while
 * one is stuck, reading them hangs in uninterruptible sleep (measured on 6.1 for driver_override; sriov_numvfs by
 * `sriov_numvfs_show` in drivers/pci/iov.c).
 */
const HANGING = new Set(['driver_override', 'sriov_numvfs'])

/**
 * True for an attribute that must be read by a disposable process, never by this one. Matched by name alone, because a
 * device is reached under many paths (its bus, its driver, its group, its classes, `/proc/self/root`).
 * @param path absolute path on the live machine
 */
export function isHangingAttribute(path: string): boolean {
  return HANGING.has(path.slice(path.lastIndexOf('/') + 1))
}
