import { defineModule, readTopology } from '@janus/core'
import { VERSION } from '../version.js'
import { localityFinding, offlineFinding, shapeFinding, tablesFinding } from './findings.js'
import { cpuTopologyOptions } from './options.js'
import { pinningFinding } from './pinning-finding.js'

/** Checks the processors, memory nodes and PCI locality, and whether a virtual machine can be pinned well. Changes nothing. */
export const cpuTopology = defineModule({
  metadata: {
    type: 'cpu',
    id: 'cpu-topology',
    version: VERSION,
    compatApi: 1,
    summary: 'Checks cores, memory nodes and PCI locality, and proposes a pinning',
  },
  options: cpuTopologyOptions,
  async check({ host, options }) {
    const topology = await readTopology(host)
    const overview = [
      await shapeFinding(host, topology),
      offlineFinding(topology),
      tablesFinding(topology),
      await localityFinding(host, topology),
    ]
    return options === undefined ? overview : [...overview, pinningFinding(host, topology, options)]
  },
})
