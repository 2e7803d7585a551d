import { defineModule } from '@janus/core'
import * as z from '@janus/core/zod'
import { readArchitecture } from '../architecture.js'
import { VERSION } from '../version.js'
import { deviceFinding } from './device-finding.js'
import { extensionFinding } from './extension-finding.js'
import { moduleFindings } from './module-findings.js'

/** Checks whether the host can run virtual machines on its processors: the extension, the kernel modules, /dev/kvm. */
export const cpuVirtualization = defineModule({
  metadata: {
    type: 'cpu',
    id: 'cpu-virtualization',
    version: VERSION,
    compatApi: 1,
    summary: 'Checks hardware virtualization and KVM',
  },
  options: z.strictObject({}),
  async check({ host, query }) {
    const architecture = await readArchitecture(host)
    return [
      await extensionFinding(host, architecture),
      ...(await moduleFindings(host, architecture)),
      await deviceFinding(host, query),
    ]
  },
})
