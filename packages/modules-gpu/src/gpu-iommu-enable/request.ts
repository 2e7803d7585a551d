import type { AskedParameter, CommandLineRequest } from '@janus/core/boot'
import type { GpuIommuEnableOptions } from './options.js'
import type { IommuVendor } from './vendor.js'

/** Words that keep an IOMMU off whatever follows them (arch/x86/kernel/pci-dma.c, drivers/iommu/amd/init.c). */
const OFF: readonly AskedParameter[] = [
  { name: 'iommu', value: 'off', among: ['off'] },
  { name: 'amd_iommu', value: 'off', among: ['off'] },
]

/**
 * What the command line has to hold. Values are lists whose members add up over all words (drivers/iommu/intel/iommu.c,
 * arch/x86/kernel/pci-dma.c), so that `igfx_off` or `soft` stays what it is. The IOMMU of AMD is on by itself, unless it is turned off.
 */
export function requestFor(
  vendor: IommuVendor,
  { passthrough, removeDuplicates }: GpuIommuEnableOptions,
): CommandLineRequest {
  const set = [
    ...(vendor === 'Intel' ? [{ name: 'intel_iommu', value: 'on', among: ['on', 'off'] }] : []),
    ...(passthrough ? [{ name: 'iommu', value: 'pt', among: ['pt', 'nopt'] }] : []),
  ]
  const words = set.map(({ name, value }) => `${name}=${value}`).join(' ')
  const why =
    set.length === 0 ? 'let the IOMMU of AMD be on' : `turn the IOMMU of ${vendor} on with the next boot: ${words}`
  return { set, remove: OFF, removeDuplicates, why }
}
