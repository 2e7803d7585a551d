import type { Refusal } from '../gpu-vfio/refusal.js'

/** What stands in the way of a binding now, and not of one that the next boot makes. */
const ONLY_NOW: ReadonlySet<string> = new Set([
  'in-use-virtual-machine',
  'in-use-descriptor',
  'override-unreadable',
  'framebuffer',
])

/** The refusals that count for a binding at boot: a device that is dangerous to take is so then as well. */
export function refusalsAtBoot(refusals: readonly Refusal[]): readonly Refusal[] {
  return refusals.filter(({ reason }) => !ONLY_NOW.has(reason))
}
