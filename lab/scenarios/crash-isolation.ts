import { defineScenario } from '../scenario.js'

/** `kill -9` of the unmodified CLI at every fsync and every hand order of cpu-isolation: by a partition, and by moving tasks. */
export default defineScenario({
  summary: 'kill -9 at every point of cpu-isolation and its rollback, then recover',
  async run({ boot, guestProgram }) {
    for (const mode of ['partition', 'restrict']) {
      await boot({
        machine: { cpus: 4, iommu: 'absent' },
        loadDrivers: false,
        program: guestProgram('crash-isolation'),
        args: [mode, mode === 'partition' ? 'all' : 'some'],
        timeoutSeconds: 9_000,
      })
    }
  },
})
