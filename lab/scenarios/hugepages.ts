import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** Two nodes, so that pages of one node are not those of the machine. */
export default defineScenario({
  summary:
    'cpu-hugepages on two nodes: now and at every boot, back to the byte; what a node does not have, and what is taken',
  async run({ boot, guestProgram }) {
    await boot({
      machine: { numa: true, memoryMiB: 2048 },
      program: guestProgram('hugepages'),
      args: [addresses.farNic],
      timeoutSeconds: 3_000,
    })
  },
})
