import { isJanusError, type JsonValue } from '@janus/core'
import type { ChatModel, ModelQuestion, ModelUsage } from '../contract/model.js'
import type { ThinkingRefusal } from '../contract/thinking.js'
import {
  type ModelReply,
  type ModelReplyBounds,
  type PlanRequest,
  readModelReply,
} from '../proposal/read-model-reply.js'
import type { CircuitBreaker } from './circuit-breaker.js'
import { replyInvalid } from './model-failure.js'

/** A question for proposals. */
export interface AskForDrafts {
  readonly model: ChatModel
  readonly breaker: CircuitBreaker
  readonly question: ModelQuestion
  readonly bounds: ModelReplyBounds
  /** Makes the plan that a model asks a module for; a plan of a model's own is never taken. @throws JanusError when it cannot be made */
  plan(request: PlanRequest): Promise<MadePlan>
}

/** A plan as the module made it. */
export interface MadePlan {
  readonly plan: JsonValue
  /** Losses of it that the proposal names as accepted, for the reviewer to read. */
  readonly accept?: readonly string[]
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
export async function askForDrafts({ model, breaker, question, bounds, plan }: AskForDrafts): Promise<OfferedDrafts> {
  const { reply, usage } = await breaker.run(async () => {
    const { text, usage } = await model.ask(question)
    const reply = readModelReply(text, bounds)
    if (reply.drafts.length + reply.plans.length === 0 && reply.refused.length > 0)
      throw replyInvalid(reply.refused.slice(0, 3).map(shortened).join('; '))
    return { reply, usage }
  })
  const planned = await plansOf(reply, plan)
  return {
    drafts: [...reply.drafts, ...planned.drafts],
    refused: [
      ...reply.refused.map((text) => ({ code: 'JANUS_AGENT_MODEL_REPLY_INVALID', text: shortened(text) })),
      ...planned.refused,
    ],
    usage,
  }
}

async function plansOf({ plans }: ModelReply, plan: AskForDrafts['plan']): Promise<Omit<OfferedDrafts, 'usage'>> {
  const drafts: JsonValue[] = []
  const refused: ThinkingRefusal[] = []
  for (const request of plans) {
    try {
      const { plan: made, accept } = await plan(request)
      drafts.push({ ...request.draft, plan: made, ...(accept === undefined ? {} : { accept: [...accept] }) })
    } catch (error) {
      if (!isJanusError(error)) throw error
      refused.push({ code: error.code, text: shortened(`${request.module}: ${error.message}`) })
    }
  }
  return { drafts, refused }
}

function shortened(text: string): string {
  return text.slice(0, MOST_CHARACTERS).replace(/\p{Surrogate}/gu, '\ufffd')
}
