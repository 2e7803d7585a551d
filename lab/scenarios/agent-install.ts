import { defineScenario } from '../scenario.js'

/** `agent-install` where systemd is process 1: the units run, their watchdog bites, and all of it is undone. */
export default defineScenario({
  summary:
    'the agent installed as a service of systemd: ready, watched, stopped, refused while a stop file is there, and undone',
  async run({ boot, guestProgram }) {
    await boot({
      machine: { cpus: 2, iommu: 'absent' },
      loadDrivers: false,
      systemd: true,
      layers: ['systemd', 'systemd-sysv', 'dbus', 'bubblewrap', 'passwd'],
      program: guestProgram('agent-install'),
      timeoutSeconds: 3_600,
    })
  },
})
