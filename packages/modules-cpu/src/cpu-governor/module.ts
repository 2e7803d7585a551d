import { defineModule } from '@janus/core'
import { VERSION } from '../version.js'
import { governorChanges } from './changes.js'
import { policiesFinding, powerManagersFinding, requestedFinding } from './findings.js'
import { cpuGovernorOptions } from './options.js'

/**
 * Sets the frequency governor, the energy performance preference and boost (admin-guide/pm/cpufreq.rst). Apply throws
 * JANUS_HOST_UNFIT for what the driver does not take.
 */
export const cpuGovernor = defineModule({
  metadata: {
    type: 'cpu',
    id: 'cpu-governor',
    version: VERSION,
    compatApi: 1,
    summary: 'Sets frequency governor, energy preference and boost',
    after: ['cpu-smt'],
  },
  options: cpuGovernorOptions,
  async check({ host, options }) {
    const overview = [await policiesFinding(host), await powerManagersFinding(host)]
    return options === undefined ? overview : [...overview, await requestedFinding(host, options)]
  },
  async apply({ host, options }) {
    return governorChanges(host, options)
  },
})
