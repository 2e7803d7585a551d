import { defineModule } from '@janus/core'
import { VERSION } from '../version.js'
import { affinityChanges } from './changes.js'
import { balancerFinding, interruptsFinding, requestedFinding } from './findings.js'
import { cpuIrqAffinityOptions } from './options.js'

/**
 * Keeps interrupts away from CPUs, or on others (core-api/irq/irq-affinity.rst). Apply throws JANUS_HOST_UNFIT where no
 * CPU would be left for them, and JANUS_DEVICE_NOT_FOUND.
 */
export const cpuIrqAffinity = defineModule({
  metadata: {
    type: 'cpu',
    id: 'cpu-irq-affinity',
    version: VERSION,
    compatApi: 1,
    summary: 'Keeps interrupts away from CPUs that guests use',
    after: ['cpu-smt', 'cpu-isolation', 'gpu-sriov', 'gpu-framebuffer', 'gpu-vfio'],
  },
  options: cpuIrqAffinityOptions,
  async check({ host, options }) {
    const overview = [await interruptsFinding(host), await balancerFinding(host, options)]
    return options === undefined ? overview : [...overview, await requestedFinding(host, options)]
  },
  async apply({ host, options }) {
    return affinityChanges(host, options)
  },
})
