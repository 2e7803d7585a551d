import { defineScenario } from '../scenario.js'

/** `cpu-irq-affinity` beside an irqbalance that systemd runs. */
export default defineScenario({
  summary: 'irqbalance is told which CPUs and which interrupts to leave alone, keeps to it, and is given them back',
  async run({ boot, guestProgram }) {
    await boot({
      machine: { cpus: 4, iommu: 'absent' },
      systemd: true,
      layers: ['systemd', 'systemd-sysv', 'dbus', 'irqbalance'],
      program: guestProgram('irqbalance'),
      timeoutSeconds: 5_400,
    })
  },
})
