import { isJanusError, type JanusError, type JsonValue } from '@janus/core'
import type { Actor } from '../contract/actor.js'
import type { AgentEvent } from './agent-event.js'
import type { AgentRecord, Commit } from './agent-record.js'
import type { AgentState } from './agent-state.js'

/** What was asked for, as a refusal is recorded. */
export interface Asked {
  readonly by: Actor
  readonly proposal?: string
}

/** A refusal that records more than itself: that the proposal went stale. */
export interface Refused {
  readonly refused: JanusError
  readonly events: readonly AgentEvent[]
}

/**
 * Decides and records like {@link AgentRecord.commit}; a refusal is recorded too, in the same instant, before it is thrown.
 * @param decide computes events and an answer; what it throws or returns as refused is recorded when it is an error of Janus
 */
export async function commitOrRefuse<Answer>(
  record: AgentRecord,
  asked: Asked,
  decide: (state: AgentState) => Commit<Answer> | Refused,
): Promise<Answer> {
  const outcome = await record.commit<{ readonly refused: JanusError } | { readonly answer: Answer }>((state) => {
    const decided = attempt(decide, state)
    if (!('refused' in decided)) return { events: decided.events, answer: { answer: decided.answer } }
    const { refused, events } = decided
    return { events: [...events, requestRefused(asked, refused)], answer: { refused } }
  })
  if ('refused' in outcome) throw outcome.refused
  return outcome.answer
}

/** The event that keeps a refusal. */
export function requestRefused({ by, proposal }: Asked, { code, message, data }: JanusError): AgentEvent {
  const known = proposal === undefined ? {} : { proposal }
  return { type: 'request-refused', payload: { code, summary: message, by, ...known, details: data as JsonValue } }
}

function attempt<Answer>(
  decide: (state: AgentState) => Commit<Answer> | Refused,
  state: AgentState,
): Commit<Answer> | Refused {
  try {
    return decide(state)
  } catch (error) {
    if (!isJanusError(error)) throw error
    return { refused: error, events: [] }
  }
}
