import type { PciDevice } from '@janus/core'

/** The attribute that says whether a device may sleep by itself: `auto`, or `on` (ABI/testing/sysfs-devices-power). */
export function powerControlOf({ path }: PciDevice): string {
  return `${path}/power/control`
}
