import type { JsonValue } from '@janus/core'
import type { ChatModel, ModelQuestion, ModelUsage } from '../contract/model.js'
import type { ThinkingRefusal } from '../contract/thinking.js'
import { type ModelReplyBounds, readModelReply } from '../proposal/read-model-reply.js'
import type { CircuitBreaker } from './circuit-breaker.js'
import { replyInvalid } from './model-failure.js'

/** A question for proposals. */
export interface AskForDrafts {
  readonly model: ChatModel
  readonly breaker: CircuitBreaker
  readonly question: ModelQuestion
  readonly bounds: ModelReplyBounds
}

/** What a model offered. */
export interface OfferedDrafts {
  /** Values that `parseProposalDraft` takes. */
  readonly drafts: readonly JsonValue[]
  readonly refused: readonly ThinkingRefusal[]
  readonly usage: ModelUsage
}

const MOST_CHARACTERS = 300

/**
 * Asks a model for proposals. An answer in which nothing can be used counts as a failure for the breaker, like no answer.
 * @throws JANUS_AGENT_MODEL_UNAVAILABLE; JANUS_AGENT_MODEL_REPLY_INVALID
 */
export function askForDrafts({ model, breaker, question, bounds }: AskForDrafts): Promise<OfferedDrafts> {
  return breaker.run(async () => {
    const { text, usage } = await model.ask(question)
    const { drafts, refused } = readModelReply(text, bounds)
    const told = refused.map((one) => one.slice(0, MOST_CHARACTERS).replace(/\p{Surrogate}/gu, '\ufffd'))
    if (drafts.length === 0 && told.length > 0) throw replyInvalid(told.slice(0, 3).join('; '))
    return { drafts, refused: told.map((one) => ({ code: 'JANUS_AGENT_MODEL_REPLY_INVALID', text: one })), usage }
  })
}
