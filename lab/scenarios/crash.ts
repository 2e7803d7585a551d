import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** `kill -9` of the unmodified CLI at every fsync and every hand order of one apply and one rollback. */
export default defineScenario({
  summary: 'kill -9 at every fsync and every hand order of an apply and a rollback, then recover',
  async run({ boot, guestProgram }) {
    await boot({ program: guestProgram('crash'), args: [addresses.nvme], timeoutSeconds: 6_000 })
  },
})
