import type { Actor } from '../contract/actor.js'
import type { ProposalRecord, ProposalStatus } from '../contract/proposal.js'
import type { AgentEvent } from '../record/agent-event.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentState, StartedRollback } from '../record/agent-state.js'
import { unobservedResult } from '../record/unobserved-result.js'
import { leftDirty } from '../warrant/end-execution.js'

const BY: Actor = { kind: 'system', name: 'recovery' }

/**
 * Finds executions that a crash cut off: nobody knows what they did, so they become `unknown`, unless the record itself tells: what was undone, or could not be, before
 * the crash has failed. Nothing is run again. A change of the rules is nothing but what is recorded: it has failed, and is not in effect. A rollback that was cut off has ended
 * unknown. To be called once, when the record was opened: who holds it executes, so nobody else does.
 * @returns ids of the proposals
 */
export function recoverExecutions(record: AgentRecord): Promise<readonly string[]> {
  return record.commit((state) => {
    const cutOff = [...state.open.values()].filter(({ status }) => status === 'executing')
    const rollbacks = [...state.rollbacks].filter(([, { outcome }]) => outcome === undefined)
    return {
      events: [
        ...rollbacks.map(([proposal, started]) => rollbackEnded(proposal, started)),
        ...cutOff.flatMap((current) => movesOf(current, state)),
      ],
      answer: cutOff.map(({ proposal }) => proposal.id),
    }
  })
}

function movesOf(current: ProposalRecord, { rollbacks }: AgentState): readonly AgentEvent[] {
  const { proposal, updatedAt } = current
  if (proposal.content.action.kind === 'governance') {
    return [moved(current, 'failed', 'the agent ended before the change was in effect: propose it again')]
  }
  const rollback = rollbacks.get(proposal.id)
  const ended = `the agent ended while it ran, since ${updatedAt}`
  switch (rollback?.outcome) {
    case undefined: {
      const also = rollback === undefined ? '' : `; its rollback was begun at ${rollback.at} and cut off too`
      return [moved(current, 'unknown', `${ended}: what it did is not known${also}`)]
    }
    case 'completed':
      return [moved(current, 'failed', `${ended}, once it had failed and its rollback had undone it`)]
    case 'failed': {
      const text = 'it failed, and so did its rollback, before the agent ended'
      return [moved(current, 'failed', `failed-dirty: ${text}`), leftDirty(proposal.id, `${text}`, BY)]
    }
    default:
      return [moved(current, 'unknown', `${ended}: what it and its rollback did is not known`)]
  }
}

function moved({ proposal, revision }: ProposalRecord, to: ProposalStatus, text: string): AgentEvent {
  return {
    type: 'proposal-moved',
    payload: { proposal: proposal.id, revision, from: 'executing', to, by: BY, reason: { text } },
  }
}

function rollbackEnded(proposal: string, { at }: StartedRollback): AgentEvent {
  const result = unobservedResult({
    outcome: 'unknown',
    summary: `the agent ended while the rollback ran, since ${at}: what it did is not known`,
  })
  return { type: 'rollback-ended', payload: { proposal, result } }
}
