import { defineModule } from '@janus/core'
import * as z from '@janus/core/zod'
import { VERSION } from '../version.js'
import { operatingSystemFinding } from './operating-system-finding.js'
import { readOperatingSystem } from './os-release.js'
import { toolFindings } from './tool-findings.js'

/** Checks which of the programs that virtual machines need are on PATH. No process is started. */
export const hostTools = defineModule({
  metadata: {
    type: 'host',
    id: 'host-tools',
    version: VERSION,
    compatApi: 1,
    summary: 'Checks the programs that virtual machines need',
  },
  options: z.strictObject({}),
  async check({ host, query }) {
    const system = await readOperatingSystem(host)
    return [await operatingSystemFinding(host, system), ...(await toolFindings(host, query, system))]
  },
})
