import { defineScenario } from '../scenario.js'

/** Each module of processors that tunes the running kernel: to its goal, to nothing left to do, and back byte for byte. */
export default defineScenario({
  summary: 'cpu-governor, cpu-irq-affinity, cpu-smt and cpu-kvm: applied, verified, rolled back; refusals',
  async run({ boot, guestProgram }) {
    const threads = { cpus: 4, threads: 2, cpuFrequencies: true, memoryMiB: 1536 }
    await boot({ program: guestProgram('cpu-tuning'), args: ['threads'], machine: threads, timeoutSeconds: 3_000 })
    await boot({ program: guestProgram('cpu-tuning'), args: ['smt'], machine: threads, timeoutSeconds: 3_000 })
    await boot({ program: guestProgram('cpu-tuning'), args: ['kvm'], timeoutSeconds: 3_000 })
  },
})
