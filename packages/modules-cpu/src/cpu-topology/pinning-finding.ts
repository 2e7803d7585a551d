import { type Finding, type Host, isJanusError, type Topology } from '@janus/core'
import { refusalStatus } from '../request-finding.js'
import { describePinning } from './describe-pinning.js'
import { drawTopology } from './draw-topology.js'
import type { CpuTopologyOptions } from './options.js'
import { proposePinning } from './propose-pinning.js'

/** Whether there is a pinning for what was asked, with its drawing. */
export function pinningFinding(host: Host, topology: Topology, options: CpuTopologyOptions): Finding {
  const id = 'pinning'
  try {
    const proposal = proposePinning(topology, { ...options, memoryKiB: options.memory })
    const { compromises } = proposal
    const [status, remedy] =
      compromises.length === 0
        ? (['ok'] as const)
        : (['warn', `Live with it, or ask for less: ${compromises.join('; ')}.`] as const)
    return {
      id,
      status,
      summary: describePinning(proposal),
      detail: drawTopology(topology, proposal),
      ...(remedy === undefined ? {} : { remedy }),
    }
  } catch (error) {
    if (!isJanusError(error)) throw error
    return { id, status: refusalStatus(host, error), summary: error.message, remedy: error.remedy }
  }
}
