import type { Actor } from '../contract/actor.js'
import type { ExecutionResult } from '../contract/execution.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentEvent } from '../record/agent-event.js'
import type { AgentRecord } from '../record/agent-record.js'
import { leftDirty } from './end-execution.js'

/** How a rollback ended. */
export interface EndedRollback {
  readonly proposal: string
  readonly result: ExecutionResult
  readonly by: Actor
}

/**
 * Records how a rollback ended, in one step with what follows: a proposal that was unknown has failed once it is undone; a rollback that a person asked for and that
 * failed is a violation. That of an action that still executes is told by the end of the execution.
 * @throws JANUS_AGENT_TRANSITION_ILLEGAL when none was begun, or it ended before
 */
export function endRollback(record: AgentRecord, { proposal, result, by }: EndedRollback): Promise<void> {
  return record.commit((state) => {
    const started = state.rollbacks.get(proposal)
    if (started === undefined || started.outcome !== undefined) {
      throw agentError('JANUS_AGENT_TRANSITION_ILLEGAL', `no rollback of ${proposal} is under way`, {
        data: { proposal },
      })
    }
    const current = state.open.get(proposal)
    const { outcome, summary } = result
    const dirty = outcome === 'failed' && current?.status !== 'executing'
    const undone: AgentEvent[] =
      outcome === 'completed' && current?.status === 'unknown'
        ? [
            {
              type: 'proposal-moved',
              payload: {
                proposal,
                revision: current.revision,
                from: 'unknown',
                to: 'failed',
                by,
                reason: { text: `undone by its rollback: ${summary}` },
              },
            },
          ]
        : []
    return {
      events: [
        { type: 'rollback-ended', payload: { proposal, result } },
        ...undone,
        ...(dirty ? [leftDirty(proposal, summary, by)] : []),
      ],
      answer: undefined,
    }
  })
}
