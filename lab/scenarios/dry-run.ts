import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** Design 6.2: a dry-run, and every command that only looks, leaves the file systems and the kernel as they were. */
export default defineScenario({
  summary: 'dry-runs, refusals and looking change nothing, as root and as a user; a control is noticed',
  async run({ boot, guestProgram }) {
    const args = [JSON.stringify(addresses), 'all']
    await boot({ program: guestProgram('dry-run'), args, timeoutSeconds: 4_500 })
  },
})
