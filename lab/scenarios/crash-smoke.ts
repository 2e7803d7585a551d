import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** A few points of `crash` that lead to either end state, for every run of the tests. */
export default defineScenario({
  summary: 'kill -9 at a few points of an apply and a rollback that lead to either end state, then recover',
  smoke: true,
  async run({ boot, guestProgram }) {
    await boot({ program: guestProgram('crash'), args: [addresses.nvme, 'some'], timeoutSeconds: 4_500 })
  },
})
