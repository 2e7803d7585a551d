import { defineModule } from '@janus/core'
import { refusalError } from '../gpu-vfio/refusal.js'
import { VERSION } from '../version.js'
import { sriovChanges } from './changes.js'
import { findRefusals } from './find-refusals.js'
import { overviewFinding, targetFindings } from './findings.js'
import { gpuSriovOptions } from './options.js'
import { readPhysicalFunctions } from './physical-function.js'

/**
 * Sets how many virtual functions SR-IOV devices have (PCI/pci-iov-howto.rst), kept from the drivers of the host. Apply
 * throws JANUS_DEVICE_NOT_FOUND, and JANUS_DEVICE_REFUSED with every reason at once.
 */
export const gpuSriov = defineModule({
  metadata: {
    type: 'gpu',
    id: 'gpu-sriov',
    version: VERSION,
    compatApi: 1,
    summary: 'Sets how many SR-IOV virtual functions a device has',
  },
  options: gpuSriovOptions,
  async check({ host, query, options }) {
    return [await overviewFinding(host), ...(options === undefined ? [] : await targetFindings(host, query, options))]
  },
  async apply({ host, query, options }) {
    const targets = await readPhysicalFunctions(host, query, options)
    const refusals = findRefusals(targets, options)
    if (refusals.length > 0) throw refusalError(refusals)
    return sriovChanges(targets, options)
  },
})
