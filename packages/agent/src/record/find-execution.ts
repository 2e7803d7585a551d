import type { ExecutionResult } from '../contract/execution.js'
import type { ProposalRecord } from '../contract/proposal.js'
import type { Warrant } from '../contract/warrant.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentRecord } from './agent-record.js'
import { followProposal, proposalOf } from './follow-proposal.js'

/** What the record tells of the execution of a proposal. */
export interface PastExecution {
  readonly record: ProposalRecord
  /** The warrant that was used up; undefined when none was. */
  readonly warrant: Warrant | undefined
  /** When it was used up, ISO 8601. */
  readonly begunAt: string | undefined
  /** How it ended; undefined when it did not, or a crash cut it off. */
  readonly result: ExecutionResult | undefined
  /** Its rollback, when one was begun. */
  readonly rollback: { readonly at: string; readonly result: ExecutionResult | undefined } | undefined
}

const NOTHING: Omit<PastExecution, 'record'> = {
  warrant: undefined,
  begunAt: undefined,
  result: undefined,
  rollback: undefined,
}

/**
 * Reads the record through for the execution of a proposal, however long ago.
 * @throws JANUS_AGENT_PROPOSAL_NOT_FOUND
 */
export async function findExecution(record: AgentRecord, id: string): Promise<PastExecution> {
  let found: ProposalRecord | undefined
  let issued: Warrant | undefined
  let past: Omit<PastExecution, 'record'> = NOTHING
  for await (const event of record.history()) {
    if (proposalOf(event) !== id) continue
    found = followProposal(found, event)
    switch (event.type) {
      case 'warrant-issued':
        issued = event.payload.warrant
        break
      case 'warrant-consumed':
        past = { ...NOTHING, warrant: issued, begunAt: event.at }
        break
      case 'execution-ended':
        past = { ...past, result: event.payload.result }
        break
      case 'rollback-started':
        past = { ...past, rollback: { at: event.at, result: undefined } }
        break
      case 'rollback-ended':
        past = { ...past, rollback: { at: past.rollback?.at ?? event.at, result: event.payload.result } }
        break
    }
  }
  if (found === undefined) {
    throw agentError('JANUS_AGENT_PROPOSAL_NOT_FOUND', `there is no proposal ${id}`, { data: { proposal: id } })
  }
  return { record: found, ...past }
}
