import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** `kill -9` of the unmodified CLI at every fsync and every hand order of a profile of two stages and its rollback. */
export default defineScenario({
  summary: 'kill -9 at every point of a profile of two stages and its rollback, then recover',
  async run({ boot, guestProgram }) {
    await boot({ program: guestProgram('crash-profile'), args: [JSON.stringify(addresses)], timeoutSeconds: 9_000 })
  },
})
