import { type BenchAgentPlace, benchAgentPlace, benchProposals, openBenchAgent, putUp } from './bench-agent.js'
import { builtModule, inOwnProcess } from './in-own-process.js'
import type { BenchRow } from './table.js'

/**
 * What proposals that wait need in memory: an agent that has them open against one that has none, each in a process of its own, after a collection.
 * @param pending how many wait
 */
export async function benchPending(folder: string, pending: number): Promise<readonly BenchRow[]> {
  const proposals = benchProposals(pending)
  const full = await measured(await agentWith(folder, 'pending', proposals), pending)
  const empty = await measured(await agentWith(folder, 'nothing-pending', []), 0)
  const bytes = Buffer.byteLength(JSON.stringify(proposals)) / pending
  const row = (what: string, of: (memory: Memory) => number): BenchRow => {
    const more = of(full) - of(empty)
    return {
      what,
      value: `${(more / 1024 / 1024).toFixed(1)} MB more`,
      against: `${(more / pending).toFixed(0)} bytes each, of ${bytes.toFixed(0)} as JSON; ${(of(empty) / 1024 / 1024).toFixed(0)} MB with none`,
    }
  }
  const many = pending.toLocaleString('en')
  return [
    row(`heap with ${many} proposals that wait`, ({ heapUsed }) => heapUsed),
    row('resident memory', ({ rss }) => rss),
  ]
}

async function agentWith(
  folder: string,
  name: string,
  proposals: Parameters<typeof putUp>[1],
): Promise<BenchAgentPlace> {
  const place = await benchAgentPlace(folder, name)
  const agent = await openBenchAgent(place)
  await putUp(agent, proposals)
  await agent.close()
  return place
}

interface Memory {
  readonly pending: number
  readonly heapUsed: number
  readonly rss: number
}

const PROGRAM = `
import { openConfiguredLocalAgent } from ${builtModule('agent/dist/index.js')}
const [, stateDirectory, config] = process.argv
const agent = await openConfiguredLocalAgent({ stateDirectory, config, purpose: 'a benchmark' })
gc()
await new Promise((resolve) => setTimeout(resolve, 200))
gc()
const { heapUsed, rss } = process.memoryUsage()
console.log(JSON.stringify({ pending: agent.record.state.counts.proposed, heapUsed, rss }))
await agent.close()`

async function measured({ stateDirectory, config }: BenchAgentPlace, pending: number): Promise<Memory> {
  const memory = await inOwnProcess<Memory>(PROGRAM, [stateDirectory, config])
  if (memory.pending !== pending) throw new Error(`${memory.pending} of ${pending} proposals wait`)
  return memory
}
