import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { reportedValue } from '../machine/record.js'
import { defineScenario } from '../scenario.js'

/** Records `lab/recorded/kernel-answers-<release>.json`, the reference of the in-memory kernel model. */
export default defineScenario({
  summary: 'what the kernel answers to every kind of write; saved for the in-memory kernel model',
  async run({ boot, guestProgram, note }) {
    const program = guestProgram('kernel-answers')
    const machine = { bypassDevice: true, twins: true, numa: true, memoryMiB: 1536 }
    const standard = await boot({ machine, program, args: ['driver-model'], timeoutSeconds: 3_600 })
    const without = await boot({ machine: { iommu: 'absent' }, program, args: ['without-iommu'] })
    const recording = {
      schema: 'janus.lab.kernel-answers/1',
      kernel: standard.kernel.release,
      package: `${standard.kernel.package} ${standard.kernel.packageVersion}`,
      driverModel: reportedValue(standard.results, 'kernel-answers'),
      withoutIommu: reportedValue(without.results, 'kernel-answers'),
    }
    if (!recording.driverModel || !recording.withoutIommu) return
    const file = new URL(`../recorded/kernel-answers-${recording.kernel}.json`, import.meta.url)
    await writeFile(file, `${JSON.stringify(recording, null, 2)}\n`)
    note(`saved ${fileURLToPath(file)}`)
  },
})
