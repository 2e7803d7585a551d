import { createHash } from 'node:crypto'
import type { Actor } from '../contract/actor.js'
import type { ProposalStatus } from '../contract/proposal.js'
import type { Warrant } from '../contract/warrant.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentState } from '../record/agent-state.js'
import { commitOrRefuse } from '../record/commit-or-refuse.js'

/** A rollback that is about to be begun. */
export interface RollbackRequest {
  /** What approved the action and this rollback with it. */
  readonly warrant: Warrant
  readonly by: Actor
  readonly because: string
  /** Where its proposal may stand. */
  readonly from: readonly ProposalStatus[]
}

const DOMAIN = 'janus.rollback/1'

/** The nonce of the one rollback that a warrant permits: derived from its own, so that there is no second one. */
export function rollbackNonce({ nonce }: Pick<Warrant, 'nonce'>): string {
  return createHash('sha256').update(`${DOMAIN}\n${nonce}`).digest('hex')
}

/**
 * Begins the rollback that was approved with an action: in one durable step its nonce is used up. When this returns, the caller may start it, once.
 * @param permit throws for what may not be rolled back now; refusals are recorded
 * @throws JANUS_AGENT_ALREADY_CONSUMED when it was begun before; JANUS_AGENT_TRANSITION_ILLEGAL where its proposal stands elsewhere; what `permit` throws
 */
export async function startRollback(
  record: AgentRecord,
  { warrant, by, because, from }: RollbackRequest,
  permit: (state: AgentState) => void = () => undefined,
): Promise<void> {
  const proposal = warrant.proposalId
  await commitOrRefuse(record, { by, proposal }, (state) => {
    const before = state.rollbacks.get(proposal)
    if (before !== undefined) throw rolledBackBefore(proposal, before)
    const status = state.open.get(proposal)?.status ?? state.ended.get(proposal)?.status
    // What ended too long ago for the state to remember was looked up by whoever asks; it does not move any more.
    if (status !== undefined && !from.includes(status)) {
      throw agentError('JANUS_AGENT_TRANSITION_ILLEGAL', `${proposal} is ${status}: there is nothing to be undone`, {
        data: { proposal, status },
      })
    }
    permit(state)
    const payload = { proposal, nonce: rollbackNonce(warrant), by, because }
    return { events: [{ type: 'rollback-started', payload }], answer: undefined }
  })
}

/** Refuses a second rollback. */
export function rolledBackBefore(
  proposal: string,
  { at, outcome }: { readonly at: string; readonly outcome: string | undefined },
): Error {
  return agentError(
    'JANUS_AGENT_ALREADY_CONSUMED',
    `the rollback of ${proposal} was begun at ${at} (${outcome ?? 'it has not ended'}): there is no second one`,
    { data: { proposal, at, outcome: outcome ?? null }, remedy: 'Propose what undoes it as an action of its own.' },
  )
}
