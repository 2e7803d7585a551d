import type { PciDevice } from '@janus/core'

/** The slot a function is in, which all functions of one card share: `0000:01:00`. */
export function slotOf({ address }: PciDevice): string {
  return address.slice(0, address.lastIndexOf('.'))
}
