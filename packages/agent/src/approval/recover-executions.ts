import type { AgentEvent } from '../record/agent-event.js'
import type { AgentRecord } from '../record/agent-record.js'

/**
 * Finds executions that a crash cut off: nobody knows what they did, so they become `unknown`. Nothing is run again. A change of the rules is nothing but what is
 * recorded: it has failed, and is not in effect. To be called once,
 * when the record was opened: who holds it executes, so nobody else does.
 * @returns ids of the proposals
 */
export function recoverExecutions(record: AgentRecord): Promise<readonly string[]> {
  return record.commit((state) => {
    const cutOff = [...state.open.values()].filter(({ status }) => status === 'executing')
    const events = cutOff.map(({ proposal, revision, updatedAt }): AgentEvent => {
      const change = proposal.content.action.kind === 'governance'
      const text = change
        ? 'the agent ended before the change was in effect: propose it again'
        : `the agent ended while it ran, since ${updatedAt}: what it did is not known`
      return {
        type: 'proposal-moved',
        payload: {
          proposal: proposal.id,
          revision,
          from: 'executing',
          to: change ? 'failed' : 'unknown',
          by: { kind: 'system', name: 'recovery' },
          reason: { text },
        },
      }
    })
    return { events, answer: cutOff.map(({ proposal }) => proposal.id) }
  })
}
