import { writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { detailTable, verdictTable } from '../compare/comparison-tables.js'
import type { Comparison, Observation } from '../compare/observation.js'
import { verdictOf } from '../compare/verdict.js'
import type { BootOutcome } from '../machine/boot-lab.js'
import { reportedValue } from '../machine/record.js'
import { addresses } from '../machine/topology.js'
import { missingPackages } from '../missing-packages.js'
import { comparePackages } from '../packages.js'
import { defineScenario } from '../scenario.js'

const TOOLS = ['janus', 'driverctl', 'virsh', 'devbind']

/** The trap set through Janus and the tools people use today, judged by one rule; one boot for each tool. */
export default defineScenario({
  summary: 'the same traps through driverctl, virsh, dpdk-devbind and Janus; saved, and printed as a table',
  async run({ boot, check, note, guestProgram }) {
    const missing = await missingPackages(comparePackages, process.env)
    if (missing.length > 0) note(`not installed, so not compared: ${missing.map(({ name }) => name).join(', ')}`)
    const program = guestProgram('compare')
    const boots: BootOutcome[] = []
    for (const tool of TOOLS) {
      const machine = { bypassDevice: true, twins: true, uplink: true, bootDisplay: true }
      boots.push(
        await boot({ machine, program, args: [JSON.stringify({ addresses, tool: [tool] })], timeoutSeconds: 1_800 }),
      )
    }
    const args = [JSON.stringify({ addresses, tool: TOOLS, machine: 'no-iommu' })]
    boots.push(await boot({ machine: { iommu: 'absent' }, program, args, timeoutSeconds: 3_000 }))

    const comparison = comparisonOf(boots)
    if (comparison === undefined) return
    note(`\n${verdictTable(comparison)}\n\n${detailTable(comparison)}`)
    for (const observation of comparison.observations.filter(({ tool }) => tool === 'janus')) {
      check(`janus gets "${observation.title}" right`, verdictOf(observation) === 'right', observation)
    }
    const file = new URL(`../recorded/comparison-${comparison.kernel}.json`, import.meta.url)
    await writeFile(file, `${JSON.stringify(comparison, null, 2)}\n`)
    note(`saved ${fileURLToPath(file)}`)
  },
})

function comparisonOf(boots: readonly BootOutcome[]): Comparison | undefined {
  const [first] = boots
  if (first === undefined) return undefined
  const records = boots.flatMap(({ results }) => results)
  const values = records.flatMap((record) => (record.type === 'value' ? [record] : []))
  const found = values.filter(({ name }) => !name.startsWith('version ')).map(({ value }) => value as Observation)
  const order = [...new Set(found.map(({ trap }) => trap))]
  return {
    schema: 'janus.lab.comparison/1',
    kernel: first.kernel.release,
    package: `${first.kernel.package} ${first.kernel.packageVersion}`,
    versions: Object.fromEntries(
      TOOLS.map((tool) => [tool, (reportedValue(records, `version ${tool}`) ?? null) as string | null]),
    ),
    observations: found.sort(
      (a, b) => order.indexOf(a.trap) - order.indexOf(b.trap) || TOOLS.indexOf(a.tool) - TOOLS.indexOf(b.tool),
    ),
  }
}
