import {
  type BenchAgentPlace,
  benchAgentPlace,
  benchProposals,
  openBenchAgent,
  putUp,
} from '../fixtures/bench-agent.js'
import { builtModule, inOwnProcess } from '../measuring/in-own-process.js'
import { defineBenchSubject } from '../report/bench-subject.js'

const PENDING = 10_000
const MEGABYTE = 1024 * 1024
const NONE = 'with none'

/** What proposals that wait need in memory: an agent that has them open against one that has none, each in a process of its own, after a collection. */
export const agentPending = defineBenchSubject({
  id: 'agent-pending',
  title: 'Proposals that wait',
  rows: {
    heap: { what: 'heap of an agent with 10,000 proposals that wait', unit: 'MB', calibration: NONE },
    resident: { what: 'resident memory with 10,000 proposals that wait', unit: 'MB', calibration: NONE },
    each: { what: 'heap that one of them takes', unit: 'bytes', calibration: 'its JSON' },
  },
  async measure({ folder }) {
    const proposals = benchProposals(PENDING)
    const full = await measured(await agentWith(folder, 'pending', proposals), PENDING)
    const empty = await measured(await agentWith(folder, 'nothing-pending', []), 0)
    const json = Buffer.byteLength(JSON.stringify(proposals)) / PENDING
    return {
      heap: () => ({ value: full.heapUsed / MEGABYTE, calibration: empty.heapUsed / MEGABYTE }),
      resident: () => ({ value: full.rss / MEGABYTE, calibration: empty.rss / MEGABYTE }),
      each: () => ({ value: (full.heapUsed - empty.heapUsed) / PENDING, calibration: json }),
    }
  },
})

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
