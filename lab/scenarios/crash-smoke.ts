import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** The first, the middle and the last point of `crash`, for every run of the tests. */
export default defineScenario({
  summary: 'kill -9 at the first, a middle and the last point of an apply and a rollback, then recover',
  smoke: true,
  async run({ boot, guestProgram }) {
    await boot({ program: guestProgram('crash'), args: [addresses.nvme, 'some'], timeoutSeconds: 600 })
  },
})
