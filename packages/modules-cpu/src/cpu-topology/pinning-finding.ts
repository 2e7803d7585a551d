import { type Finding, type Host, isJanusError, type Topology } from '@janus/core'
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
    const status = error.code === 'JANUS_HOST_UNREADABLE' && host.kind !== 'live' ? 'skipped' : 'critical'
    return { id, status, summary: error.message, remedy: error.remedy }
  }
}
