import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/**
 * Everything that has left a device without a driver, or a file system without its disk, under other tools.
 * `JANUS_LAB_TRAPS=mounted,held` runs these alone.
 */
export default defineScenario({
  summary: 'the whole trap set through the CLI: no group, bridges, VFs, mounts, routes, held and foreign devices …',
  async run({ boot, guestProgram }) {
    const program = guestProgram('traps')
    const machine = { bypassDevice: true, twins: true, uplink: true, bootDisplay: true }
    const only = process.env.JANUS_LAB_TRAPS?.split(',')
    await boot({ machine, program, args: [JSON.stringify({ addresses, only })], timeoutSeconds: 4_500 })
    for (const iommu of ['absent', 'off'] as const) {
      const args = [JSON.stringify({ addresses, machine: 'no-iommu', only })]
      await boot({ machine: { iommu }, program, args, timeoutSeconds: 3_600 })
    }
  },
})
