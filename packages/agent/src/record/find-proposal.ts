import type { ProposalRecord } from '../contract/proposal.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentRecord } from './agent-record.js'
import { followProposal, proposalOf } from './follow-proposal.js'

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
    const id = proposalOf(event)
    if (id === undefined || !(event.type === 'proposal-created' ? wanted(id) : found.has(id))) continue
    const after = followProposal(found.get(id), event)
    if (after !== undefined) found.set(id, after)
    const [oldest] = found.keys()
    if (found.size > most && oldest !== undefined) found.delete(oldest)
  }
  return found
}
