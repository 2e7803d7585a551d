import { defineModule } from '@janus/core'
import { VERSION } from '../version.js'
import { bindingChanges } from './changes.js'
import { findRefusals } from './find-refusals.js'
import { moduleFindings } from './findings/module-findings.js'
import { overviewFindings } from './findings/overview-findings.js'
import { targetFindings } from './findings/target-findings.js'
import { readNotices } from './notices.js'
import { gpuVfioOptions } from './options.js'
import { refusalError } from './refusal.js'
import { surveyHost } from './survey.js'
import { selectTargets } from './targets.js'

/**
 * Binds PCI devices to vfio-pci or to their VFIO variant driver, so that a virtual machine can be given them.
 * Apply throws JANUS_DEVICE_NOT_FOUND, and JANUS_DEVICE_REFUSED with every reason at once.
 */
export const gpuVfio = defineModule({
  metadata: {
    type: 'gpu',
    id: 'gpu-vfio',
    version: VERSION,
    compatApi: 1,
    summary: 'Binds PCI devices to vfio-pci for use in a virtual machine',
    after: ['gpu-iommu-enable', 'gpu-sriov', 'gpu-framebuffer', 'gpu-nvidia-release'],
  },
  options: gpuVfioOptions,
  async check({ host, query, options }) {
    const survey = await surveyHost(host, query)
    const about = options === undefined ? await overviewFindings(survey) : await targetFindings(survey, options)
    return [...(await moduleFindings(survey)), ...about]
  },
  async apply({ host, query, options, log }) {
    const survey = await surveyHost(host, query)
    const selection = await selectTargets(survey, options)
    const refusals = await findRefusals(survey, selection, true)
    if (refusals.length > 0) throw refusalError(refusals)
    for (const notice of await readNotices(survey, selection)) log.warn(notice.summary, { device: notice.device })
    return bindingChanges(survey, selection)
  },
})
