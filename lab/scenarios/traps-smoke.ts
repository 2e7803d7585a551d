import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** The traps of `traps` that hurt most, in one boot, for every run of the tests. */
export default defineScenario({
  summary: 'a part of the trap set: no group, root port, sibling, mounted disk, default route, twins, held device',
  smoke: true,
  async run({ boot, guestProgram }) {
    const machine = { bypassDevice: true, twins: true, uplink: true }
    const args = [JSON.stringify({ addresses, smoke: true })]
    await boot({ machine, program: guestProgram('traps'), args, timeoutSeconds: 4_500 })
  },
})
