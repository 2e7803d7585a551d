import { defineModule } from '@janus/core'
import { VERSION } from '../version.js'
import { reservationChange } from './changes.js'
import { requestedFinding, reservedFinding } from './findings.js'
import { cpuHugepagesOptions } from './options.js'
import { planReservations } from './reservations.js'

/** Reserves hugepages at run time, per NUMA node and page size. Apply throws JANUS_HOST_UNFIT for what cannot be. */
export const cpuHugepages = defineModule({
  metadata: {
    type: 'cpu',
    id: 'cpu-hugepages',
    version: VERSION,
    compatApi: 1,
    summary: 'Reserves hugepages at run time, per NUMA node and size',
  },
  options: cpuHugepagesOptions,
  async check({ host, options }) {
    const reserved = await reservedFinding(host)
    return options === undefined ? [reserved] : [reserved, await requestedFinding(host, options)]
  },
  async apply({ host, options }) {
    return (await planReservations(host, options)).map(reservationChange)
  },
})
