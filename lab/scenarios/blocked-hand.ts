import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** `kill -9` while the hand is blocked in the kernel: its device is left alone, everything else goes on and is said. */
export default defineScenario({
  summary: 'kill -9 with the hand blocked in the kernel, in a rollback and in an apply; recover, then release',
  async run({ boot, guestProgram }) {
    await boot({
      machine: { twins: true, soundCard: true },
      program: guestProgram('blocked-hand'),
      args: [JSON.stringify(addresses)],
      timeoutSeconds: 3_000,
    })
  },
})
