import { addresses } from '../machine/topology.js'
import { defineScenario } from '../scenario.js'

/** What prepares a device for a machine at run time: virtual functions, reset and power, the console, holders of NVIDIA nodes. */
export default defineScenario({
  summary: 'gpu-sriov, gpu-reset, gpu-framebuffer, gpu-nvidia-release and gpu-template: there, so, back, and refusals',
  async run({ boot, guestProgram }) {
    await boot({
      machine: { bootDisplay: true },
      program: guestProgram('gpu-runtime'),
      args: [JSON.stringify(addresses)],
      timeoutSeconds: 3_600,
    })
  },
})
