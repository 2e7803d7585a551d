import { randomBytes } from 'node:crypto'
import { isJanusError, type JsonValue } from '@janus/core'
import type { ModeAnswer } from '../contract/agent.js'
import type { ChatMessage, ChatModel, ModelUsage } from '../contract/model.js'
import type { ThinkingRefusal } from '../contract/thinking.js'
import type { ModelReplyBounds } from '../proposal/read-model-reply.js'
import { askForDrafts } from './ask-for-drafts.js'
import { buildPrompt } from './build-prompt.js'
import { type Cycle, isRefusal } from './cycle.js'
import { modelFailureOf, replyInvalid } from './model-failure.js'
import type { ThinkOptions } from './think-options.js'
import { missionBrief, thinkingContext } from './thinking-context.js'

/** Temperature of questions for proposals. */
const TEMPERATURE = 0.2
/** The tokens of an answer are limited by the settings of each model. */
const MOST_TOKENS = 131_072
const MOST_TEXT = 1000

/** What a model is told of the moment. */
interface Moment {
  readonly mode: ModeAnswer
  /** How many proposals wait. */
  readonly pending: number
}

/**
 * Asks a model for proposals and proposes what is good of its answer; what is not is told, and put on the record.
 * @param cycle is added to
 * @returns undefined when the model gave no answer that can be used
 * @throws what is no failure of a model and no refusal of a draft
 */
export async function proposeFromModel(
  options: ThinkOptions,
  model: ChatModel,
  moment: Moment,
  cycle: Cycle,
): Promise<ModelUsage | undefined> {
  const { agent, modules, breaker, tell, signal } = options
  const messages = promptOf(options, moment)
  const { bounds, unknownTools } = boundsOf(options)
  if (model.kind === 'scripted') tell({ event: 'thinking_cycle.llm_stub', level: 'warn', data: {} })
  tell({ event: 'thinking_cycle.proposal_generation.start', level: 'debug', data: { model: model.name } })
  try {
    const { drafts, refused, usage } = await askForDrafts({
      model,
      breaker,
      question: { messages, temperature: TEMPERATURE, mostTokens: MOST_TOKENS, signal },
      bounds,
      plan: async (request) => {
        if (modules === undefined) throw replyInvalid(`there is no module ${request.module}`)
        return modules.plan(request)
      },
    })
    await note(options, cycle, refused)
    for (const draft of drafts) if (!signal.aborted && !(await proposeDraft(agent, draft, cycle))) break
    tell({
      event: 'thinking_cycle.proposal_generation.success',
      level: 'info',
      data: { drafts: drafts.length, refused: refused.length },
    })
    return usage
  } catch (error) {
    const failure = modelFailureOf(error)
    if (failure === undefined || !isJanusError(error)) throw error
    tell({
      event: 'thinking_cycle.proposal_generation.failed',
      level: 'warn',
      data: { kind: failure.kind, because: error.message },
    })
    await note(options, cycle, [{ code: error.code, text: error.message }])
    return undefined
  } finally {
    for (const tool of unknownTools) {
      const because = recordable(`there is no tool ${JSON.stringify(tool)}`)
      tell({ event: 'thinking_cycle.unknown_tool', level: 'warn', data: { because } })
    }
  }
}

function promptOf(options: ThinkOptions, { mode, pending }: Moment): readonly ChatMessage[] {
  const { thinking, vesselId, clock, tools, modules, mission, metrics } = options
  const { newFence = () => `data-${randomBytes(12).toString('hex')}` } = options
  const context = thinkingContext({
    ...mission,
    vesselId,
    at: clock.now().toISOString(),
    mode: mode.permission.mode,
    pending,
    approvalRate: mode.gate?.evidence.approvalRate ?? null,
    metrics,
  })
  return buildPrompt({
    context,
    tools,
    modules: modules?.summaries ?? [],
    materials: mission.materials,
    mostProposals: thinking?.mostProposals ?? 0,
    fence: newFence(),
  })
}

/** @returns beside the bounds the names that were asked for and are no tools, as far as a reply was read */
function boundsOf({ thinking, vesselId, tools, modules, mission }: ThinkOptions): {
  readonly bounds: ModelReplyBounds
  readonly unknownTools: ReadonlySet<string>
} {
  const unknownTools = new Set<string>()
  const bounds: ModelReplyBounds = {
    mostProposals: thinking?.mostProposals ?? 0,
    missionContext: missionBrief({ ...mission, vesselId }),
    isTool(name) {
      const isKnown = tools.some((tool) => tool.name === name)
      if (!isKnown) unknownTools.add(name)
      return isKnown
    },
    isModule: (id) => modules?.summaries.some((module) => module.id === id) ?? false,
  }
  return { bounds, unknownTools }
}

async function note({ record }: ThinkOptions, cycle: Cycle, offered: readonly ThinkingRefusal[]): Promise<void> {
  if (offered.length === 0) return
  const refused = offered.map(({ code, text }) => ({ code, text: recordable(text) }))
  cycle.refused.push(...refused)
  await record(refused)
}

/** @returns false when no other one would be taken either */
async function proposeDraft(agent: ThinkOptions['agent'], draft: JsonValue, cycle: Cycle): Promise<boolean> {
  try {
    const { proposal, status } = await agent.propose({ draft })
    if (status === 'proposed') cycle.proposed.push(proposal.id)
    else cycle.refused.push({ code: 'repetition', text: `it repeats ${proposal.novelty.duplicateOf ?? 'another one'}` })
    return true
  } catch (error) {
    if (!isRefusal(error)) throw error
    cycle.refused.push({ code: error.code, text: error.message })
    return error.code === 'JANUS_AGENT_PROPOSAL_INVALID'
  }
}

/** What the record can hold. */
function recordable(text: string): string {
  return text.slice(0, MOST_TEXT).replace(/[\0\p{Surrogate}]/gu, '\ufffd')
}
