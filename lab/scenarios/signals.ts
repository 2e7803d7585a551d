import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** SIGINT and SIGTERM in each step of an apply and between the steps: the state is as before, exit code 130 or 143. */
export default defineScenario({
  summary: 'SIGINT and SIGTERM in every step of an apply, a second signal, a signal in a rollback',
  async run({ boot, guestProgram }) {
    await boot({ program: guestProgram('signals'), args: [addresses.nvme], timeoutSeconds: 3_600 })
  },
})
