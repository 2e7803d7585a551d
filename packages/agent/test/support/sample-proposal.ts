import { randomBytes } from 'node:crypto'
import type { Action, Actor, Proposal, ProposalContent, RiskLevel } from '../../src/index.js'
import { proposalDigest } from '../../src/proposal/proposal-digest.js'

/** What a test wants to be different about a proposal. */
export interface SampleProposal {
  readonly id?: string
  readonly proposer?: Actor
  readonly risk?: RiskLevel
  readonly action?: Action
  readonly content?: Partial<ProposalContent>
}

/** An action that every test machine can resolve. */
export const SAMPLE_ACTION: Action = {
  kind: 'tool',
  tool: 'list',
  args: ['-l', '/usr'],
  kwargs: {},
  network: [],
}

/** A proposal as the agent would have recorded it. */
export function sampleProposal({ id, proposer, risk = 'low', action, content }: SampleProposal = {}): Proposal {
  const fields = {
    id: id ?? `janus-${randomBytes(6).toString('hex')}`,
    proposer: proposer ?? ({ kind: 'agent', name: 'thinking-cycle' } as const),
    content: {
      vesselId: 'janus-in-balaur',
      missionContext: 'Keep the machine tidy',
      actionType: 'analysis',
      rationale: 'The list of programs is needed for the weekly report',
      expectedOutcome: 'A list of programs',
      declaredRisk: risk,
      riskMitigation: 'It only reads',
      rollbackPlan: 'No system state changes, no rollback needed',
      action: action ?? SAMPLE_ACTION,
      rollback: null,
      metadata: {},
      ...content,
    },
    risk: { level: risk, reasons: [{ level: risk, rule: 'declared', because: 'its author says so' }] },
  }
  return {
    ...fields,
    createdAt: '2026-03-01T12:00:00.000Z',
    digest: proposalDigest(fields),
    novelty: { score: 1 },
  }
}
