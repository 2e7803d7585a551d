import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AgentEvent, LocalAgent, Proposal } from '../packages/agent/src/index.js'
import { openConfiguredLocalAgent } from '../packages/agent/src/index.js'
import { sampleProposal } from '../packages/agent/test/support/sample-proposal.js'

const VESSEL = 'janus-in-balaur'
const SETTINGS = [
  `vessel_id: ${VESSEL}`,
  'tools: [{name: list, command: [/bin/ls]}]',
  'approval_workflow: {notification_enabled: false, max_pending: 100000}',
]

/** Where an agent that is measured lies, and by which file it is configured: what a process of its own opens it by. */
export interface BenchAgentPlace {
  readonly stateDirectory: string
  readonly config: string
}

/** Makes a place for an agent in a folder: a configuration with one tool, and room for 100,000 proposals that wait. */
export async function benchAgentPlace(folder: string, name: string): Promise<BenchAgentPlace> {
  const place = join(folder, name)
  await mkdir(place, { mode: 0o700 })
  const config = join(place, 'agent.yaml')
  await writeFile(config, SETTINGS.join('\n'), { mode: 0o600 })
  return { stateDirectory: join(place, 'state'), config }
}

/** The agent of a place, in this process. */
export function openBenchAgent(place: BenchAgentPlace): Promise<LocalAgent> {
  return openConfiguredLocalAgent({ ...place, purpose: 'a benchmark' })
}

/**
 * Proposals that differ and that a person other than `author` may approve; each of some hundred bytes.
 * @param first number of the first one: its id is made of it
 */
export function benchProposals(count: number, first = 0): readonly Proposal[] {
  return Array.from({ length: count }, (_, index) => {
    const number = first + index
    return sampleProposal({
      id: `janus-${number.toString(16).padStart(12, '0')}`,
      proposer: { kind: 'user', uid: 1001, name: 'author' },
      content: {
        vesselId: VESSEL,
        rationale: `The list of programs is needed for the report of week ${number}, which compares it with the week before`,
        action: { kind: 'tool', tool: 'list', args: ['-l', `/usr/share/${number}`], kwargs: {}, network: [] },
      },
    })
  })
}

/** Puts proposals up for review, hundreds in one durable step. */
export async function putUp({ record }: LocalAgent, proposals: readonly Proposal[]): Promise<void> {
  const step = 500
  const createdAt = record.clock.now().toISOString()
  for (let first = 0; first < proposals.length; first += step) {
    const events = proposals.slice(first, first + step).map(
      (proposal): AgentEvent => ({
        type: 'proposal-created',
        payload: { proposal: { ...proposal, createdAt }, status: 'proposed' },
      }),
    )
    await record.commit(() => ({ events, answer: undefined }))
  }
}
