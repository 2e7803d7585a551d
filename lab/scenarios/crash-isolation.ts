import { defineScenario } from '../scenario.js'

const SYSTEMD = { systemd: true, layers: ['systemd', 'systemd-sysv', 'dbus'] }

/**
 * `kill -9` of the unmodified CLI at every fsync and every hand order of cpu-isolation: by a partition, by drop-ins where systemd
 * owns the tree, and by moving tasks.
 */
export default defineScenario({
  summary: 'kill -9 at every point of cpu-isolation and its rollback, then recover',
  async run({ boot, guestProgram }) {
    for (const [mode, selection, machine] of [
      ['partition', 'all', {}],
      ['systemd', 'all', SYSTEMD],
      ['restrict', 'some', {}],
    ] as const) {
      await boot({
        machine: { cpus: 4, iommu: 'absent' },
        loadDrivers: false,
        program: guestProgram('crash-isolation'),
        args: [mode, selection],
        timeoutSeconds: 9_000,
        ...machine,
      })
    }
  },
})
