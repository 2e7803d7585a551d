import type { ProposalRecord } from '../contract/proposal.js'
import type { RecordedEvent } from './agent-event.js'
import { foldEvent } from './fold/fold-event.js'
import { emptyState } from './fold/mutable-state.js'

/**
 * What one event makes of one proposal: the same fold as for today's state, over a state with nothing but this proposal in it.
 * @param before the proposal as it stood; undefined before it was created
 * @returns how it stands now, also when it ended; `before` when the event is about another one
 */
export function followProposal(before: ProposalRecord | undefined, event: RecordedEvent): ProposalRecord | undefined {
  if (before === undefined) return event.type === 'proposal-created' ? created(event.payload, event.at) : undefined
  const { id } = before.proposal
  if (proposalOf(event) !== id || event.type === 'proposal-created') return before
  const state = emptyState()
  state.open.set(id, before)
  foldEvent(state, event)
  const after = state.open.get(id)
  if (after !== undefined) return after
  return event.type === 'proposal-moved' ? ended(before, event.payload, event.at) : before
}

/** Id of the proposal that an event is about. */
export function proposalOf({ payload }: RecordedEvent): string | undefined {
  if ('warrant' in payload) return payload.warrant.proposalId
  const { proposal } = payload as { readonly proposal?: unknown }
  if (typeof proposal === 'string') return proposal
  return (proposal as { readonly id: string } | undefined)?.id
}

function created(
  { proposal, status }: Extract<RecordedEvent, { type: 'proposal-created' }>['payload'],
  at: string,
): ProposalRecord {
  return { proposal, status, revision: 1, decisions: [], proposedAt: at, updatedAt: at }
}

function ended(
  before: ProposalRecord,
  { to, revision, reason }: Extract<RecordedEvent, { type: 'proposal-moved' }>['payload'],
  at: string,
): ProposalRecord {
  return { ...before, status: to, revision: revision + 1, updatedAt: at, ...(reason === undefined ? {} : { reason }) }
}
