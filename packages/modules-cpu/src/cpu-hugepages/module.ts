import { defineModule } from '@janus/core'
import { VERSION } from '../version.js'
import { requestedFinding, reservedFinding } from './findings.js'
import { cpuHugepagesOptions } from './options.js'
import { planChanges } from './plan-changes.js'
import { settingsFinding, transparentFindings } from './settings-findings.js'

/**
 * Reserves hugepages per NUMA node and page size, now and at every boot, and sets transparent ones. Apply throws
 * JANUS_HOST_UNFIT for what cannot be.
 */
export const cpuHugepages = defineModule({
  metadata: {
    type: 'cpu',
    id: 'cpu-hugepages',
    version: VERSION,
    compatApi: 1,
    summary: 'Reserves hugepages per NUMA node and size, now and at every boot',
  },
  options: cpuHugepagesOptions,
  async check({ host, options, query }) {
    const overview = [await reservedFinding(host), ...(await transparentFindings(host))]
    if (options === undefined) return overview
    return [...overview, ...(await requestedFinding(host, options)), ...(await settingsFinding(host, query, options))]
  },
  async apply({ host, options, query }) {
    return planChanges(host, query, options)
  },
})
