import {
  type AgentEvent,
  type Proposal,
  recordDirectory,
  sealWarrant,
  type Warrant,
} from '../../packages/agent/src/index.js'
import { benchAgentPlace, benchProposals, openBenchAgent } from '../fixtures/bench-agent.js'
import { builtModule } from '../measuring/in-own-process.js'
import { measureOpening, openingRows } from '../measuring/opening.js'
import type { BenchSubject } from '../report/bench-subject.js'

const EVENTS = 1_000_000
/** Events of one life, and lives that are written in one durable step. */
const LIFE = 8
const LIVES_IN_A_STEP = 500
const AUTHOR_OF_MOVES = { kind: 'user', uid: 1002, name: 'approver' } as const
const EXECUTOR = { kind: 'agent', name: 'auto-executor' } as const

/** Opening an agent on a record of many events, which verifies and adds up all of them, against plain parsing of the same files. */
export const agentHistory: BenchSubject = {
  id: 'agent-history',
  title: 'History of the agent',
  rows: openingRows('opening an agent on a long record'),
  async measure({ folder, quick }) {
    const place = await benchAgentPlace(folder, 'long-history')
    const agent = await openBenchAgent(place)
    const lives = Math.ceil((quick ? EVENTS / 10 : EVENTS) / LIFE)
    for (let first = 0; first < lives; first += LIVES_IN_A_STEP) {
      const written = benchProposals(Math.min(LIVES_IN_A_STEP, lives - first), first).flatMap(lifeOf)
      await agent.record.commit(() => ({ events: written, answer: undefined }))
    }
    const records = agent.record.state.lastSeq
    await agent.close()
    const { stateDirectory, config } = place
    const opening = {
      directory: recordDirectory(stateDirectory),
      records,
      program: PROGRAM,
      args: [stateDirectory, config],
    }
    return measureOpening(opening, quick ? 1 : 3)
  },
}

const PROGRAM = `
import { openConfiguredLocalAgent } from ${builtModule('agent/dist/index.js')}
const [, stateDirectory, config] = process.argv
const began = performance.now()
const agent = await openConfiguredLocalAgent({ stateDirectory, config, purpose: 'a benchmark' })
const milliseconds = performance.now() - began
const { maxRSS } = process.resourceUsage()
console.log(JSON.stringify({ records: agent.record.state.lastSeq, milliseconds, kilobytes: maxRSS }))
await agent.close()`

/** A proposal that was approved, run and completed. */
function lifeOf(proposal: Proposal): readonly AgentEvent[] {
  const { id, digest, createdAt: at } = proposal
  const warrant = warrantOf(proposal)
  const decision = { decision: 'approve', by: AUTHOR_OF_MOVES, at, digest } as const
  return [
    { type: 'proposal-created', payload: { proposal, status: 'proposed' } },
    { type: 'proposal-decided', payload: { proposal: id, revision: 1, decision } },
    {
      type: 'proposal-moved',
      payload: { proposal: id, revision: 2, from: 'proposed', to: 'approved', by: AUTHOR_OF_MOVES },
    },
    { type: 'warrant-issued', payload: { warrant } },
    { type: 'warrant-consumed', payload: { nonce: warrant.nonce, proposal: id } },
    { type: 'proposal-moved', payload: { proposal: id, revision: 3, from: 'approved', to: 'executing', by: EXECUTOR } },
    {
      type: 'execution-ended',
      payload: {
        proposal: id,
        result: {
          outcome: 'completed',
          summary: 'exit status 0',
          exitStatus: 0,
          runtimeSeconds: 0.12,
          argumentsHash: digest,
          outputDigest: digest,
          cpuPercent: 4,
          memoryMb: 12,
          details: {},
        },
      },
    },
    {
      type: 'proposal-moved',
      payload: { proposal: id, revision: 4, from: 'executing', to: 'completed', by: EXECUTOR },
    },
  ]
}

function warrantOf({ id, digest, createdAt: notBefore, content }: Proposal): Warrant {
  return sealWarrant({
    schema: 'janus.warrant/1',
    nonce: digest,
    vesselId: content.vesselId,
    recordId: digest.slice(32),
    proposalId: id,
    proposalDigest: digest,
    action: {
      kind: 'tool',
      tool: 'list',
      binary: {
        path: '/usr/bin/ls',
        device: 2049,
        inode: 131_442,
        size: 142_312,
        modified: '1740000000000000000',
        sha256: digest,
      },
      argv: content.action.kind === 'tool' ? content.action.args : [],
      manifest: digest,
      workspace: id,
      environment: ['PATH', 'LANG'],
      limits: {
        cpuSeconds: 60,
        wallSeconds: 120,
        memoryBytes: 512 * 1024 * 1024,
        diskBytes: 100 * 1024 * 1024,
        cpuPercent: 25,
        processes: 32,
      },
      network: [],
    },
    rollback: null,
    policy: digest,
    playbook: null,
    config: digest,
    sandboxProfile: digest,
    mode: 'alpha',
    approvers: [AUTHOR_OF_MOVES],
    notBefore,
    expires: '2026-03-02T00:00:00.000Z',
    bootId: null,
    monotonic: 1_000_000,
    attempts: 1,
  })
}
