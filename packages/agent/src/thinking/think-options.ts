import type { Agent } from '../contract/agent.js'
import type { Clock } from '../contract/clock.js'
import type { TellEvent } from '../contract/log-event.js'
import type { ChatModel } from '../contract/model.js'
import type { ApprovedPlaybook, Metrics } from '../contract/playbook.js'
import type { ProposalRecord } from '../contract/proposal.js'
import type { ThinkingRefusal } from '../contract/thinking.js'
import type { MissionSnapshot } from '../missions/mission-snapshot.js'
import type { PlanRequest } from '../proposal/read-model-reply.js'
import type { Thinking } from '../settings/uses/thinking-of.js'
import type { MadePlan } from './ask-for-drafts.js'
import type { ModuleSummary, ToolSummary } from './build-prompt.js'
import type { CircuitBreaker } from './circuit-breaker.js'

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
