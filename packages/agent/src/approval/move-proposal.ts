import type { Actor } from '../contract/actor.js'
import type { ProposalRecord, ProposalStatus } from '../contract/proposal.js'
import { agentError } from '../errors/agent-error.js'
import { isTransition } from '../proposal/transition-table.js'
import type { AgentEvent } from '../record/agent-event.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentState } from '../record/agent-state.js'
import { commitOrRefuse } from '../record/commit-or-refuse.js'
import { alreadyDecided, refuseNotOpen, settledInState } from './already-decided.js'

/** A move that is no decision: taken back, suspended, put up again, said to have ended. */
export interface MoveRequest {
  readonly proposal: string
  readonly to: ProposalStatus
  readonly by: Actor
  readonly reason: { readonly code?: string; readonly text: string }
}

/** What goes with a move. */
export interface MoveOptions {
  /** Throws for whoever may not. */
  permit?(state: AgentState, current: ProposalRecord): void
  /** What is recorded with it. */
  also?(current: ProposalRecord): readonly AgentEvent[]
}

/**
 * Moves a proposal where the transition table lets it go. One that waited too long may be put up again: it passes through `suspended`.
 * Refusals are recorded.
 * @throws JANUS_AGENT_TRANSITION_ILLEGAL; JANUS_AGENT_ALREADY_DECIDED; JANUS_AGENT_PROPOSAL_NOT_FOUND
 */
export async function moveProposal(
  record: AgentRecord,
  { proposal: id, to, by, reason }: MoveRequest,
  { permit, also }: MoveOptions = {},
): Promise<void> {
  const open = record.state.open.get(id)
  if (open === undefined) return refuseNotOpen(record, by, id)
  await commitOrRefuse(record, { by, proposal: id }, (state) => {
    const current = state.open.get(id)
    if (current === undefined) {
      const { status, decisions, updatedAt } = open
      throw alreadyDecided(settledInState(state, id) ?? { id, status, decisions, at: updatedAt })
    }
    permit?.(state, current)
    const events = stepsTo(current, to).map(
      ([from, next], index): AgentEvent => ({
        type: 'proposal-moved',
        payload: { proposal: id, revision: current.revision + index, from, to: next, by, reason },
      }),
    )
    return { events: [...(also?.(current) ?? []), ...events], answer: undefined }
  })
}

function stepsTo(
  { proposal, status, timedOutAt }: ProposalRecord,
  to: ProposalStatus,
): readonly (readonly [ProposalStatus, ProposalStatus])[] {
  if (status === 'proposed' && to === 'proposed' && timedOutAt !== undefined) {
    return [
      ['proposed', 'suspended'],
      ['suspended', 'proposed'],
    ]
  }
  if (isTransition(status, to)) return [[status, to]]
  throw agentError(
    'JANUS_AGENT_TRANSITION_ILLEGAL',
    `the proposal ${proposal.id} is ${status}: it cannot become ${to}`,
    {
      data: { proposal: proposal.id, from: status, to },
    },
  )
}
