import type { PciAddress, PciDevice } from '@janus/core'

const MOST = 3
const SAME_SLOT = 0
const FARTHEST = 2

/**
 * Addresses on the host that were probably meant by one that is not there: the same slot with another function or
 * domain, otherwise those that differ in one digit, otherwise in two.
 */
export function nearAddresses(wanted: PciAddress, devices: readonly PciDevice[]): readonly PciAddress[] {
  const candidates = devices.map(({ address }) => ({ address, distance: distance(wanted, address) }))
  const nearest = Math.min(...candidates.map((candidate) => candidate.distance), FARTHEST)
  return candidates
    .filter((candidate) => candidate.distance === nearest)
    .slice(0, MOST)
    .map(({ address }) => address)
}

function distance(wanted: string, found: string): number {
  const [left, right] = [parts(wanted), parts(found)]
  if (left.slot === right.slot && left.domain === right.domain) return SAME_SLOT
  if (left.slot === right.slot && left.fn === right.fn) return SAME_SLOT
  if (wanted.length !== found.length) return Number.POSITIVE_INFINITY
  return [...wanted].filter((digit, index) => digit !== found[index]).length
}

function parts(address: string): { domain: string; slot: string; fn: string } {
  const [domain = '', bus = '', rest = ''] = address.split(':')
  const [device = '', fn = ''] = rest.split('.')
  return { domain, slot: `${bus}:${device}`, fn }
}
