import { defineScenario } from '../scenario.js'

/** `cpu-isolation` on a kernel with four processors, where nobody owns the cgroup tree. */
export default defineScenario({
  summary: 'processors taken from the host by a cgroup partition or by restricting what there is, and given back',
  async run({ boot, guestProgram }) {
    await boot({
      machine: { cpus: 4, iommu: 'absent' },
      loadDrivers: false,
      program: guestProgram('isolation'),
      timeoutSeconds: 5_400,
    })
  },
})
