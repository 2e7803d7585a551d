import type { ProposalRecord } from '../contract/proposal.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentRecord } from './agent-record.js'
import { foldEvent } from './fold/fold-event.js'
import { emptyState } from './fold/mutable-state.js'

/**
 * A proposal as it stands, wherever that is: among the open ones, or long ago in the record.
 * @throws JANUS_AGENT_PROPOSAL_NOT_FOUND
 */
export async function findProposal(record: AgentRecord, id: string): Promise<ProposalRecord> {
  const open = record.state.open.get(id)
  if (open !== undefined) return open
  const past = (await findProposals(record, (each) => each === id)).get(id)
  if (past === undefined) {
    throw agentError('JANUS_AGENT_PROPOSAL_NOT_FOUND', `there is no proposal ${id}`, { data: { proposal: id } })
  }
  return past
}

/**
 * Reads the record through for proposals, open or not, in the order in which they were created.
 * @param wanted chooses by id, before anything else is known
 * @param most keeps only so many, the newest
 */
export async function findProposals(
  record: AgentRecord,
  wanted: (id: string) => boolean,
  most = Number.POSITIVE_INFINITY,
): Promise<ReadonlyMap<string, ProposalRecord>> {
  const found = new Map<string, ProposalRecord>()
  for await (const event of record.history()) {
    if (event.type === 'proposal-created' && wanted(event.payload.proposal.id)) {
      const { proposal, status } = event.payload
      const { at } = event
      found.set(proposal.id, { proposal, status, revision: 1, decisions: [], proposedAt: at, updatedAt: at })
      const [oldest] = found.keys()
      if (found.size > most && oldest !== undefined) found.delete(oldest)
      continue
    }
    const id = proposalOf(event.payload)
    const before = id === undefined ? undefined : found.get(id)
    if (id === undefined || before === undefined) continue
    // One fold for today's state and for the past: a state with nothing but this proposal in it.
    const state = emptyState()
    state.open.set(id, before)
    foldEvent(state, event)
    const after = state.open.get(id)
    if (after !== undefined) found.set(id, after)
    else if (event.type === 'proposal-moved') found.set(id, ended(before, event.payload, event.at))
  }
  return found
}

function proposalOf(payload: object): string | undefined {
  if ('warrant' in payload) return (payload as { warrant: { proposalId: string } }).warrant.proposalId
  const { proposal } = payload as { readonly proposal?: unknown }
  return typeof proposal === 'string' ? proposal : undefined
}

function ended(
  before: ProposalRecord,
  {
    to,
    revision,
    reason,
  }: { readonly to: ProposalRecord['status']; readonly revision: number; readonly reason?: ProposalRecord['reason'] },
  at: string,
): ProposalRecord {
  return { ...before, status: to, revision: revision + 1, updatedAt: at, ...(reason === undefined ? {} : { reason }) }
}
