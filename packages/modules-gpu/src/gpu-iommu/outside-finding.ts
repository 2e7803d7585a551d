import type { Finding, PciDevice } from '@janus/core'
import { boundedEvidence, boundedLines } from '../bounded.js'
import { deviceWords } from '../device-words.js'
import type { IommuState } from '../iommu-state.js'

/** Endpoints that no IOMMU translates for while it does for others. */
export function outsideFinding(devices: readonly PciDevice[], state: IommuState): readonly Finding[] {
  if (state.effect !== 'in-effect') return []
  const outside = devices.filter(({ role, iommuGroup }) => role === 'endpoint' && iommuGroup === undefined)
  const id = 'outside-the-iommu'
  if (outside.length === 0) return [{ id, status: 'ok', summary: 'the IOMMU covers every device' }]
  return [
    {
      id,
      status: 'warn',
      summary: `${outside.length} of ${devices.length} PCI devices are outside of the IOMMU and cannot be given to a guest`,
      detail: boundedLines(outside.map(deviceWords)),
      evidence: boundedEvidence(outside.map(({ path }) => ({ path: `${path}/iommu_group` }))),
      remedy:
        'Move the cards to other slots, or look for a firmware setting that exempts their port from DMA remapping.',
    },
  ]
}
