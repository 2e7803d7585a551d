import { type Finding, type Host, isJanusError, type Query } from '@janus/core'
import { commandLineChanges } from '@janus/core/boot'
import type { GpuIommuEnableOptions } from './options.js'
import { requestFor } from './request.js'
import { requireVendor } from './vendor.js'

/** Whether what the options ask for is configured, can be, or cannot. */
export async function requestedFinding(host: Host, query: Query, options: GpuIommuEnableOptions): Promise<Finding> {
  const id = 'iommu-requested'
  try {
    const vendor = await requireVendor(host)
    const request = requestFor(vendor, options)
    const changes = await commandLineChanges(host, query, request)
    const wanted = request.set.map(({ name, value }) => `${name}=${value}`).join(' ')
    if (changes.length > 0)
      return {
        id,
        status: 'warn',
        summary: `not configured yet: ${request.why}`,
        remedy: 'janus plan gpu-iommu-enable shows the edit.',
      }
    const summary = wanted === '' ? 'the IOMMU of AMD needs no parameter' : `configured for the next boot: ${wanted}`
    return { id, status: 'ok', summary }
  } catch (error) {
    if (!isJanusError(error)) throw error
    const status = host.kind === 'snapshot' || error.code === 'JANUS_HOST_UNREADABLE' ? 'skipped' : 'critical'
    return { id, status, summary: error.message, remedy: error.remedy }
  }
}
