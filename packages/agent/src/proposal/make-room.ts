import type { ProposalRecord } from '../contract/proposal.js'
import type { RiskLevel } from '../contract/risk.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentEvent } from '../record/agent-event.js'
import type { AgentState } from '../record/agent-state.js'

/** What may give way, the first first: what is of high risk never does. */
const GIVES_WAY: readonly RiskLevel[] = ['low', 'medium']

/**
 * Makes room for one more proposal that waits: the oldest of low risk expires, else the oldest of medium.
 * @param most how many may wait
 * @returns what is to be recorded for that
 * @throws JANUS_AGENT_QUEUE_FULL when everything that waits is of high risk
 */
export function makeRoom(state: AgentState, most: number): readonly AgentEvent[] {
  if (state.counts.proposed < most) return []
  const oldest = new Map<RiskLevel, ProposalRecord>()
  // The map is in the order of creation, so the first of a level is its oldest.
  for (const record of state.open.values()) {
    const { level } = record.proposal.risk
    if (record.status === 'proposed' && record.decisions.length === 0 && !oldest.has(level)) oldest.set(level, record)
    if (oldest.has('low')) break
  }
  const gives = GIVES_WAY.map((level) => oldest.get(level)).find((record) => record !== undefined)
  if (gives === undefined) {
    throw agentError('JANUS_AGENT_QUEUE_FULL', `${state.counts.proposed} proposals wait, and none of them gives way`)
  }
  return [
    {
      type: 'proposal-moved',
      payload: {
        proposal: gives.proposal.id,
        revision: gives.revision,
        from: gives.status,
        to: 'expired',
        by: { kind: 'system', name: 'approval-queue' },
        reason: { code: 'JANUS_AGENT_QUEUE_FULL', text: `${most} proposals waited; it was the oldest of its risk` },
      },
    },
  ]
}
