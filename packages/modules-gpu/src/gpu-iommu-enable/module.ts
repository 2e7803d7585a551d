import { defineModule } from '@janus/core'
import { commandLineChanges } from '@janus/core/boot'
import { VERSION } from '../version.js'
import { nextBootFindings } from './next-boot-findings.js'
import { gpuIommuEnableOptions } from './options.js'
import { requestFor } from './request.js'
import { requestedFinding } from './requested-finding.js'
import { requireVendor } from './vendor.js'

/**
 * Turns the IOMMU on with the kernel command line of the next boot (admin-guide/kernel-parameters.txt, `intel_iommu`,
 * `iommu`). Apply throws JANUS_HOST_UNFIT where the firmware has none, and where the command line cannot be edited with certainty.
 */
export const gpuIommuEnable = defineModule({
  metadata: {
    type: 'gpu',
    id: 'gpu-iommu-enable',
    version: VERSION,
    compatApi: 1,
    summary: 'Turns the IOMMU on with the kernel command line of the next boot',
  },
  options: gpuIommuEnableOptions,
  async check({ host, options, query }) {
    const findings = await nextBootFindings(host)
    return options === undefined ? findings : [...findings, await requestedFinding(host, query, options)]
  },
  async apply({ host, options, query }) {
    return commandLineChanges(host, query, requestFor(await requireVendor(host), options))
  },
})
