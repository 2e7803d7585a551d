import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** The first commands of each group of `dry-run`, for every run of the tests. */
export default defineScenario({
  summary: 'a part of dry-run: previews, refusals and looking change nothing; a control is noticed',
  smoke: true,
  async run({ boot, guestProgram }) {
    const args = [JSON.stringify(addresses), 'some']
    await boot({ program: guestProgram('dry-run'), args, timeoutSeconds: 3_000 })
  },
})
