import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { reportedValue } from '../machine/record.js'
import { defineScenario } from '../scenario.js'

/** Records `lab/recorded/processor-answers-<release>.json`: the reference of the model's processors, interrupts and policies. */
export default defineScenario({
  summary: 'what the kernel answers about processors, interrupts and frequencies; saved for the in-memory kernel model',
  async run({ boot, guestProgram, note }) {
    const machine = { cpus: 4, threads: 2, cpuFrequencies: true, memoryMiB: 1536 }
    const { kernel, results } = await boot({
      machine,
      program: guestProgram('processor-answers'),
      timeoutSeconds: 3_000,
    })
    const answers = reportedValue(results, 'processor-answers')
    if (!answers) return
    const recording = { schema: 'janus.lab.processor-answers/1', kernel: kernel.release, ...answers }
    const file = new URL(`../recorded/processor-answers-${kernel.release}.json`, import.meta.url)
    await writeFile(file, `${JSON.stringify(recording, null, 2)}\n`)
    note(`saved ${fileURLToPath(file)}`)
  },
})
