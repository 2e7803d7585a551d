import type { PciAddress } from '../contract/pci-address.js'

/** Orders addresses by domain, bus, device and function as numbers: domains differ in width. */
export function comparePciAddresses(a: PciAddress, b: PciAddress): number {
  if (a.length !== b.length) return a.length - b.length
  return a < b ? -1 : a > b ? 1 : 0
}
