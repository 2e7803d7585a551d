import { defineScenario } from '../scenario.js'

/** `cpu-isolation` where systemd is process 1 and owns the cgroup tree. */
export default defineScenario({
  summary: 'processors taken from systemd’s slices by drop-ins, kept through reloads, and given back',
  async run({ boot, guestProgram }) {
    await boot({
      machine: { cpus: 4, iommu: 'absent' },
      loadDrivers: false,
      systemd: true,
      layers: ['systemd', 'systemd-sysv', 'dbus'],
      program: guestProgram('isolation-systemd'),
      timeoutSeconds: 5_400,
    })
  },
})
