import type { Actor } from '../contract/actor.js'
import type { ExecutionOutcome, ExecutionResult } from '../contract/execution.js'
import type { ProposalStatus } from '../contract/proposal.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentEvent } from '../record/agent-event.js'
import type { AgentRecord } from '../record/agent-record.js'

const LEADS_TO: Readonly<Record<ExecutionOutcome, ProposalStatus>> = {
  completed: 'completed',
  failed: 'failed',
  'failed-dirty': 'failed',
  unknown: 'unknown',
  suspended: 'suspended',
}

/**
 * Records how an execution ended, in one step with where its proposal stands then. When its rollback failed too, that is a violation.
 * @param end what ended: a proposal whose warrant was consumed, see `consumeWarrant`
 * @returns where it stands
 * @throws JANUS_AGENT_TRANSITION_ILLEGAL for a proposal that is not executing
 */
export function endExecution(
  record: AgentRecord,
  { proposal, result, by }: { readonly proposal: string; readonly result: ExecutionResult; readonly by: Actor },
): Promise<ProposalStatus> {
  return record.commit((state) => {
    const current = state.open.get(proposal)
    if (current?.status !== 'executing') {
      const status = current?.status ?? state.ended.get(proposal)?.status ?? 'not known'
      throw agentError('JANUS_AGENT_TRANSITION_ILLEGAL', `${proposal} is ${status}: it is not being executed`, {
        data: { proposal, status },
      })
    }
    const to = LEADS_TO[result.outcome]
    const { code, summary, outcome } = result
    const reason = { ...(code === undefined ? {} : { code }), text: `${outcome}: ${summary}` }
    const moved = { proposal, revision: current.revision, from: current.status, to, by }
    return {
      events: [
        { type: 'execution-ended', payload: { proposal, result } },
        { type: 'proposal-moved', payload: to === 'completed' ? moved : { ...moved, reason } },
        ...(outcome === 'failed-dirty' ? [leftDirty(proposal, summary, by)] : []),
      ],
      answer: to,
    }
  })
}

/** The machine is neither as it was nor as it was to be: nothing runs by itself until a person has looked. */
export function leftDirty(proposal: string, summary: string, by: Actor): AgentEvent {
  return { type: 'violation-recorded', payload: { code: 'FAILED_DIRTY', summary, by, proposal } }
}
