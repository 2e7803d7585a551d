import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { reportedValue } from '../machine/record.js'
import { defineScenario } from '../scenario.js'

/** Records `lab/recorded/cgroup-answers-<release>.json`, the reference of the cgroup tree in the in-memory kernel model. */
export default defineScenario({
  summary: 'what the kernel answers to what Janus does with cgroups; saved for the in-memory kernel model',
  async run({ boot, guestProgram, note }) {
    const outcome = await boot({
      machine: { cpus: 4, iommu: 'absent' },
      loadDrivers: false,
      program: guestProgram('cgroup-answers'),
    })
    const answers = reportedValue(outcome.results, 'cgroup-answers')
    if (!answers) return
    const recording = { schema: 'janus.lab.cgroup-answers/1', kernel: outcome.kernel.release, answers }
    const file = new URL(`../recorded/cgroup-answers-${recording.kernel}.json`, import.meta.url)
    await writeFile(file, `${JSON.stringify(recording, null, 2)}\n`)
    note(`saved ${fileURLToPath(file)}`)
  },
})
