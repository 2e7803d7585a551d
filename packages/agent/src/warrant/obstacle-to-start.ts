import type { ProposalRecord } from '../contract/proposal.js'
import type { Warrant } from '../contract/warrant.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentState } from '../record/agent-state.js'
import { changesSinceApproval } from './changes-since-approval.js'
import type { ConsumeContext } from './consume-warrant.js'
import { hasExpired } from './warrant-age.js'

/** With what a start is permitted. */
export interface StartContext extends Pick<ConsumeContext, 'terms' | 'isApprover'> {
  /** Throws when the mode, a rule or a control does not let it run now. The policy is compared by its digest: its budgets count this execution already. */
  permitStart(state: AgentState, record: ProposalRecord): void
}

/**
 * Why what a used-up warrant permits may not be started any more: between its use and the start of the process a run may wait for a place, and the rules change meanwhile. To be
 * called in the turn of the start; the program is looked at by whoever starts it.
 * @returns undefined when nothing stands in its way
 * @throws what `permitStart` throws
 */
export function obstacleToStart(record: AgentRecord, warrant: Warrant, context: StartContext): string | undefined {
  const { state, clock } = record
  const current = state.open.get(warrant.proposalId)
  if (current?.status !== 'executing') return 'it is not being executed'
  const now = clock.now()
  const { greatestAt } = state
  if (hasExpired(warrant, { now, monotonic: clock.monotonic(), greatestAt, bootId: context.terms.bootId }))
    return `its approval was good until ${warrant.expires}`
  const changed = new Set(changesSinceApproval(state, current, warrant, context, now).map(({ field }) => field))
  if (changed.size > 0) return `not as it was approved: ${[...changed].join(', ')}`
  context.permitStart(state, current)
  return undefined
}
