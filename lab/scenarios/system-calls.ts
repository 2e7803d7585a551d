import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** Design 6.1, under strace: the CLI, its hand and what they start change nothing that the printed plan does not name. */
export default defineScenario({
  summary:
    'checks make no mutating system call; those of a bind and a rollback are the ones that the printed plan announced',
  smoke: true,
  async run({ boot, guestProgram }) {
    const args = [addresses.nic, addresses.nicAudio]
    await boot({ program: guestProgram('system-calls'), args, timeoutSeconds: 3_000 })
  },
})
