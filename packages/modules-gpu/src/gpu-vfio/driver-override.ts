import type { Host, PciDevice, UnreadableReason } from '@janus/core'

/** How the kernel prints that there is no override (Documentation/ABI/testing/sysfs-bus-pci). */
export const NO_OVERRIDE = '(null)'

/** The driver override of a device as the plan expects it. */
export interface DriverOverride {
  readonly path: string
  /** Name of a driver, or `(null)`. */
  readonly value: string
  /** False when a captured host does not show it: none is then expected, and the engine compares. */
  readonly isKnown: boolean
  /** Why the live machine did not give it. */
  readonly problem?: UnreadableReason | 'absent'
}

/** Reads the driver override of a device; a kernel operation on the device can make that impossible. */
export async function readDriverOverride(host: Host, device: PciDevice): Promise<DriverOverride> {
  const path = `${device.path}/driver_override`
  const { value, unreadable } = await host.readText(path)
  if (value !== undefined) return { path, value: value.replace(/\n$/, '') || NO_OVERRIDE, isKnown: true }
  const isCaptured = host.kind !== 'live' && (unreadable === undefined || unreadable === 'not-captured')
  return { path, value: NO_OVERRIDE, isKnown: false, ...(isCaptured ? {} : { problem: unreadable ?? 'absent' }) }
}
