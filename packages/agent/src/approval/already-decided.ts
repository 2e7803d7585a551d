import type { JanusError } from '@janus/core'
import type { Actor } from '../contract/actor.js'
import type { Decision, ProposalRecord, ProposalStatus } from '../contract/proposal.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentState } from '../record/agent-state.js'
import { commitOrRefuse } from '../record/commit-or-refuse.js'
import { findProposal } from '../record/find-proposal.js'

/** What is known of a proposal that nothing more can be decided about. */
export interface Settled {
  readonly id: string
  readonly status: ProposalStatus
  readonly decisions: readonly Decision[]
  readonly reason?: ProposalRecord['reason']
  /** Who made the last move, when the record of it is at hand. */
  readonly by?: Actor
  readonly at: string
}

/** Tells whoever comes late who decided what and when. */
export function alreadyDecided(settled: Settled): JanusError {
  const { id, status, decisions, reason, by, at } = settled
  const decided = decisions.map(
    (decision) =>
      `${nameOf(decision.by)} ${decision.decision === 'approve' ? 'approved' : 'rejected'} it at ${decision.at}`,
  )
  const who =
    decided.length > 0 ? decided.join(', ') : `${by === undefined ? 'it was moved' : `${nameOf(by)} moved it`} at ${at}`
  const why = reason === undefined ? '' : `: ${reason.text}`
  return agentError('JANUS_AGENT_ALREADY_DECIDED', `the proposal ${id} is ${status} already: ${who}${why}`, {
    data: { proposal: id, status, decisions, at, ...(by && { by }), ...(reason && { reason }) },
  })
}

/** The same of a proposal that has ended, when the state still remembers it. */
export function settledInState(state: AgentState, id: string): Settled | undefined {
  const ended = state.ended.get(id)
  if (ended === undefined) return undefined
  const { status, decisions, reason, endedAt, endedBy } = ended
  return { id, status, decisions, ...(reason && { reason }), at: endedAt, by: endedBy }
}

/**
 * Why nothing can be decided about a proposal that is not open: what became of it.
 * @returns JANUS_AGENT_ALREADY_DECIDED; JANUS_AGENT_TRANSITION_ILLEGAL for one that was set aside as a repetition
 * @throws JANUS_AGENT_PROPOSAL_NOT_FOUND
 */
export async function notOpen(record: AgentRecord, id: string): Promise<JanusError> {
  const remembered = settledInState(record.state, id)
  if (remembered !== undefined) return alreadyDecided(remembered)
  const { status, decisions, reason, updatedAt } = await findProposal(record, id)
  if (status === 'draft') {
    return agentError(
      'JANUS_AGENT_TRANSITION_ILLEGAL',
      `the proposal ${id} repeats another and was set aside: nothing is decided about it`,
      {
        data: { proposal: id, from: status },
        remedy: 'Decide about the proposal that it repeats, see `janus agent proposals show`.',
      },
    )
  }
  return alreadyDecided({ id, status, decisions, ...(reason && { reason }), at: updatedAt })
}

/**
 * Refuses what is asked of a proposal that is not open, on the record too.
 * @throws what {@link notOpen} returns; JANUS_AGENT_PROPOSAL_NOT_FOUND, which is not recorded: whoever guesses ids writes nothing
 */
export async function refuseNotOpen(record: AgentRecord, by: Actor, id: string): Promise<never> {
  const refused = await notOpen(record, id)
  return commitOrRefuse(record, { by, proposal: id }, () => ({ refused, events: [] }))
}

/** How an actor is called in a message: with the number or the id, which say who it is. */
export function nameOf(actor: Actor): string {
  if (actor.kind === 'user') return `${actor.name} (uid ${actor.uid})`
  return actor.kind === 'key' ? `${actor.name} (key ${actor.keyId})` : actor.name
}
