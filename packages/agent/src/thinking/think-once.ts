import { randomBytes } from 'node:crypto'
import { isJanusError, type JsonValue } from '@janus/core'
import type { Agent, ModeAnswer } from '../contract/agent.js'
import type { Clock } from '../contract/clock.js'
import type { TellEvent } from '../contract/log-event.js'
import type { ChatModel, ModelUsage } from '../contract/model.js'
import type { ApprovedPlaybook, Metrics } from '../contract/playbook.js'
import type { ProposalRecord } from '../contract/proposal.js'
import type { Obstacle, ThinkingRefusal, ThinkingReport } from '../contract/thinking.js'
import { isAsked, type MissionSnapshot } from '../missions/mission-snapshot.js'
import { matchPlaybook } from '../playbook/match-playbook.js'
import type { PlanRequest } from '../proposal/read-model-reply.js'
import type { Thinking } from '../settings/uses/thinking-of.js'
import { askForDrafts, type MadePlan } from './ask-for-drafts.js'
import { buildPrompt, type ModuleSummary, type ToolSummary } from './build-prompt.js'
import type { CircuitBreaker } from './circuit-breaker.js'
import { modelFailureOf, replyInvalid } from './model-failure.js'
import { obstaclesToThinking } from './obstacles-to-thinking.js'
import { missionBrief, thinkingContext } from './thinking-context.js'

/** What a cycle works with. */
export interface ThinkOptions {
  /** The agent, as the thinking cycle uses it. */
  readonly agent: Pick<Agent, 'propose' | 'showMode'>
  /** Undefined: it does not think. */
  readonly thinking: Thinking | undefined
  readonly vesselId: string
  readonly clock: Clock
  /** The registry: what may be proposed. */
  readonly tools: readonly ToolSummary[]
  /** Modules whose plans may be asked for, and what makes such a plan; left out: none. */
  readonly modules?: {
    readonly summaries: readonly ModuleSummary[]
    /** @throws JanusError when no plan can be made */
    plan(request: PlanRequest): Promise<MadePlan>
  }
  readonly model: ChatModel | undefined
  readonly breaker: CircuitBreaker
  readonly mission: MissionSnapshot
  readonly metrics: Metrics
  /** How many proposals wait. */
  pending(): number
  /** How many may. */
  readonly maxPending: number
  /** Left out: playbooks are matched elsewhere. */
  readonly playbooks?: {
    /** In the order in which they were approved; empty while they are switched off. */
    readonly approved: Iterable<ApprovedPlaybook>
    /** Whether a run of it is not at an end yet. */
    isUnderWay(playbookId: string): boolean
    /** Proposes a step, from 0. Here it is the first one: whoever runs it proposes the next when it is completed. */
    proposeStep(playbook: ApprovedPlaybook, step: number): Promise<ProposalRecord>
  }
  readonly tell: TellEvent
  /** Puts what a model offered and was not taken on the record. */
  readonly record: (refused: readonly ThinkingRefusal[]) => Promise<void>
  /** Tell why each proposal was not made. */
  readonly trace: boolean
  readonly signal: AbortSignal
  /** The word that fences what is no instruction. Default: random. */
  readonly newFence?: () => string
}

/** Temperature of questions for proposals. */
const TEMPERATURE = 0.2
const MOST_REFUSED = 50
const MOST_TEXT = 1000

/**
 * One cycle: playbooks whose triggers hold are proposed, then the model is asked for proposals, and what is good of its answer is proposed. It never fails by what a model, a mission or a
 * material is; what came of it and why is its report.
 * @throws when nothing can be recorded any more, and what is a bug
 */
export async function thinkOnce(options: ThinkOptions): Promise<ThinkingReport> {
  const { agent, clock, tell, model, mission } = options
  const at = clock.now().toISOString()
  tell({ event: 'thinking_cycle.begin', level: 'debug', data: {} })
  const mode = await agent.showMode()
  tell({ event: `thinking_cycle.${mode.permission.mode}_mode`, level: 'debug', data: {} })
  const cycle = { proposed: [] as string[], refused: [...mission.refused] }
  await startPlaybook(options, mode, cycle)
  const pending = options.pending()
  const obstacles = obstaclesToThinking({
    ...options,
    mode,
    pending,
    breakerState: options.breaker.state(),
    isAsked: isAsked(mission),
  })
  const usage =
    obstacles.length === 0 && model !== undefined ? await askModel(options, model, mode, pending, cycle) : undefined
  const report: ThinkingReport = {
    at,
    proposed: cycle.proposed,
    refused: [...cycle.refused, ...obstacles.map(asRefusal)].slice(0, MOST_REFUSED),
    because: reasonOf(cycle, obstacles),
    ...(usage === undefined ? {} : { usage }),
    model: model === undefined ? null : { kind: model.kind, name: model.name },
  }
  if (options.trace)
    for (const { code, text } of report.refused)
      tell({ event: 'thinking_cycle.not_proposed', level: 'info', data: { code, because: text } })
  const data = { proposed: report.proposed.length, refused: report.refused.length, because: report.because }
  tell({ event: 'thinking_cycle.complete', level: 'info', data })
  return report
}

interface Cycle {
  readonly proposed: string[]
  readonly refused: ThinkingRefusal[]
}

async function startPlaybook(
  { playbooks, metrics, tell }: ThinkOptions,
  { permission }: ModeAnswer,
  cycle: Cycle,
): Promise<void> {
  if (playbooks === undefined || !permission.propose) return
  const matched = matchPlaybook(playbooks.approved, metrics)
  if (matched === undefined || playbooks.isUnderWay(matched.playbook.playbookId)) return
  const { playbookId: playbook } = matched.playbook
  tell({ event: 'thinking_cycle.playbook_matched', level: 'info', data: { playbook } })
  try {
    cycle.proposed.push((await playbooks.proposeStep(matched, 0)).proposal.id)
  } catch (error) {
    if (!isJanusError(error) || !REFUSALS.has(error.code)) throw error
    cycle.refused.push({ code: error.code, text: `playbook ${playbook}: ${error.message}` })
  }
}

async function askModel(
  options: ThinkOptions,
  model: ChatModel,
  { permission, gate }: ModeAnswer,
  pending: number,
  cycle: Cycle,
): Promise<ModelUsage | undefined> {
  const { agent, thinking, vesselId, clock, tools, modules, breaker, mission, metrics, tell, signal } = options
  const { newFence = () => `data-${randomBytes(12).toString('hex')}` } = options
  const mostProposals = thinking?.mostProposals ?? 0
  const summaries = modules?.summaries ?? []
  const context = thinkingContext({
    ...mission,
    vesselId,
    at: clock.now().toISOString(),
    mode: permission.mode,
    pending,
    approvalRate: gate?.evidence.approvalRate ?? null,
    metrics,
  })
  const messages = buildPrompt({
    context,
    tools,
    modules: summaries,
    materials: mission.materials,
    mostProposals,
    fence: newFence(),
  })
  if (model.kind === 'scripted') tell({ event: 'thinking_cycle.llm_stub', level: 'warn', data: {} })
  tell({ event: 'thinking_cycle.proposal_generation.start', level: 'debug', data: { model: model.name } })
  try {
    const { drafts, refused, usage } = await askForDrafts({
      model,
      breaker,
      question: { messages, temperature: TEMPERATURE, mostTokens: MOST_TOKENS, signal },
      bounds: {
        mostProposals,
        missionContext: missionBrief({ ...mission, vesselId }),
        isTool: (name) => tools.some((tool) => tool.name === name),
        isModule: (id) => summaries.some((module) => module.id === id),
      },
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
  }
}

/** The tokens of an answer are limited by the settings of each model. */
const MOST_TOKENS = 131_072

async function note({ tell, record }: ThinkOptions, cycle: Cycle, offered: readonly ThinkingRefusal[]): Promise<void> {
  if (offered.length === 0) return
  const refused = offered.map(({ code, text }) => ({ code, text: recordable(text) }))
  cycle.refused.push(...refused)
  for (const { text } of refused)
    if (text.includes('there is no tool'))
      tell({ event: 'thinking_cycle.unknown_tool', level: 'warn', data: { because: text } })
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
    if (!isJanusError(error) || !REFUSALS.has(error.code)) throw error
    cycle.refused.push({ code: error.code, text: error.message })
    return error.code === 'JANUS_AGENT_PROPOSAL_INVALID'
  }
}

/** What `propose` says of a draft, or of the moment. */
const REFUSALS: ReadonlySet<string> = new Set([
  'JANUS_AGENT_PROPOSAL_INVALID',
  'JANUS_AGENT_QUEUE_FULL',
  'JANUS_AGENT_NOT_PERMITTED',
  'JANUS_AGENT_FROZEN',
])

/** What the record can hold. */
function recordable(text: string): string {
  return text.slice(0, MOST_TEXT).replace(/[\0\p{Surrogate}]/gu, '\ufffd')
}

function asRefusal({ code, because }: Obstacle): ThinkingRefusal {
  return { code, text: because }
}

function reasonOf({ proposed, refused }: Cycle, obstacles: readonly Obstacle[]): string {
  if (proposed.length > 0) return `${proposed.length} proposed`
  const [obstacle] = obstacles
  if (obstacle !== undefined) return obstacle.because
  const last = refused.at(-1)
  return last === undefined ? 'the model proposed nothing' : last.text
}
