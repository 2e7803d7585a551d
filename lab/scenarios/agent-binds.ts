import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** The agent proposes the plan of a binding, a person approves it, it is applied, verified and undone; and a daemon that is killed in the middle of it. */
export default defineScenario({
  summary:
    'an agent that a model has propose a binding: proposed, approved, applied, verified, undone; and the daemon killed in the middle of it',
  async run({ boot, guestProgram }) {
    await boot({
      program: guestProgram('agent-binds'),
      args: [addresses.nvme],
      layers: ['bubblewrap'],
      timeoutSeconds: 3_000,
    })
  },
})
