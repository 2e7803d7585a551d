import { defineModule, readPciDevices } from '@janus/core'
import * as z from '@janus/core/zod'
import { readIommuState } from '../iommu-state.js'
import { VERSION } from '../version.js'
import { commandLineFindings } from './command-line-findings.js'
import { displayCount } from './display-count.js'
import { effectFinding } from './effect-finding.js'
import { isolationFindings } from './isolation-findings.js'
import { outsideFinding } from './outside-finding.js'
import { remappingFinding } from './remapping-finding.js'

/** Checks whether an IOMMU translates for the devices of a host, and what shares a group with its displays. */
export const gpuIommu = defineModule({
  metadata: {
    type: 'gpu',
    id: 'gpu-iommu',
    version: VERSION,
    compatApi: 1,
    summary: 'Checks the IOMMU and the isolation of every display controller',
  },
  options: z.strictObject({}),
  async check({ host }) {
    const devices = await readPciDevices(host)
    const state = await readIommuState(host, devices)
    return [
      await effectFinding(host, state),
      ...(await commandLineFindings(host)),
      await remappingFinding(host, state),
      ...outsideFinding(devices, state),
      displayCount(host, devices),
      ...isolationFindings(devices, state),
    ]
  },
})
