import { defineModule } from '@janus/core'
import { VERSION } from '../version.js'
import { smtChanges } from './changes.js'
import { requestedFinding, threadsFinding } from './findings.js'
import { cpuSmtOptions } from './options.js'
import { surveySmt } from './survey.js'

/**
 * Switches the second threads of the cores on or off (ABI/testing/sysfs-devices-system-cpu, smt/control). Apply throws
 * JANUS_HOST_UNFIT where the switch cannot be moved, or a guest would lose its last processor.
 */
export const cpuSmt = defineModule({
  metadata: {
    type: 'cpu',
    id: 'cpu-smt',
    version: VERSION,
    compatApi: 1,
    summary: 'Switches the second threads of the cores on or off',
  },
  options: cpuSmtOptions,
  async check({ host, query, options }) {
    const survey = await surveySmt(host)
    const overview = [threadsFinding(survey)]
    return options === undefined ? overview : [...overview, await requestedFinding(survey, query, options)]
  },
  async apply({ host, query, options }) {
    return smtChanges(await surveySmt(host), query, options)
  },
})
