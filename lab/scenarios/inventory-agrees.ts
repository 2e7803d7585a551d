import { defineScenario } from '../scenario.js'

/** Two independent readings of one machine: Janus, and the tools that everybody has. */
export default defineScenario({
  summary: 'devices, kernel modules and processors as lspci -Dnnk, lsmod and lscpu -J tell them',
  smoke: true,
  async run({ boot, guestProgram }) {
    const machine = { bypassDevice: true, numa: true, twins: true, bootDisplay: true, memoryMiB: 1536 }
    await boot({ machine, program: guestProgram('inventory-agrees'), timeoutSeconds: 4_500 })
  },
})
