import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** Several modules as one transaction: a passthrough host in one stage, a virtual function in two, and a failure at each step. */
export default defineScenario({
  summary:
    'profiles: applied as one transaction, checked, rolled back as one; a failure at each step leaves the state before',
  async run({ boot, guestProgram }) {
    for (const part of ['host', 'functions']) {
      await boot({
        machine: { cpus: 4, threads: 2, cpuFrequencies: true, memoryMiB: 1536 },
        program: guestProgram('profile'),
        args: [JSON.stringify(addresses), part],
        timeoutSeconds: 9_000,
      })
    }
  },
})
