import type { ModeAnswer } from '../contract/agent.js'
import type { ChatModel } from '../contract/model.js'
import type { Obstacle } from '../contract/thinking.js'
import type { Thinking } from '../settings/uses/thinking-of.js'
import type { BreakerState } from './circuit-breaker.js'

/** What decides whether the model is asked. */
export interface ThinkingConditions {
  readonly thinking: Thinking | undefined
  readonly model: Pick<ChatModel, 'name'> | undefined
  /** Left out where no cycle has been yet. */
  readonly breakerState?: BreakerState | undefined
  readonly mode: Pick<ModeAnswer, 'permission'>
  /** Proposals that wait, and how many may. */
  readonly pending: number
  readonly maxPending: number
  readonly tools: readonly unknown[]
  /** Modules whose plans may be asked for. */
  readonly modules?: { readonly summaries: readonly unknown[] } | undefined
  /** Whether people want something done. */
  readonly isAsked: boolean
}

/** Everything that stands between the agent and a proposal of its model: switches, gates, limits, the breaker. Empty when nothing does. */
export function obstaclesToThinking(conditions: ThinkingConditions): readonly Obstacle[] {
  const { thinking, model, breakerState, mode, pending, maxPending, tools, modules, isAsked } = conditions
  const obstacles: Obstacle[] = []
  const when = (stands: boolean, code: string, because: string, remedy: string): void => {
    if (stands) obstacles.push({ code, because, remedy })
  }
  const { propose, restrictions } = mode.permission
  when(
    !propose,
    'not-permitted',
    `nothing may be proposed now: ${restrictions.map(({ because, rule }) => `${because} (${rule})`).join('; ')}`,
    'See `janus agent status` and `janus agent mode show`.',
  )
  when(
    thinking === undefined,
    'thinking-disabled',
    'thinking_cycle.enabled is false',
    'Set thinking_cycle.enabled to true.',
  )
  when(
    model === undefined,
    'no-model',
    'there is no model: llm.base_url and llm.model_path name none that can be asked',
    'Set llm.base_url to a server that speaks the OpenAI chat API. debug.simulate_llm stands in for one.',
  )
  when(
    tools.length + (modules?.summaries.length ?? 0) === 0,
    'no-tools',
    'no tool is configured that could be proposed',
    'Configure some in tools.',
  )
  when(
    thinking?.proposesByItself === false && !isAsked,
    'nothing-asked',
    'no mission and no objective is active, and thinking_cycle.enable_autonomous_proposals is false',
    'Hand a mission over with `janus agent missions stage`, or set thinking_cycle.enable_autonomous_proposals to true.',
  )
  when(
    pending >= maxPending,
    'queue-full',
    `${pending} proposals wait for a decision, and no more than ${maxPending} may`,
    'Decide some, or raise approval_workflow.max_pending.',
  )
  when(
    breakerState?.state === 'open',
    'breaker-open',
    `the model failed ${breakerState?.failures} times and is left alone for ${breakerState?.secondsLeft} s more; the last time: ${breakerState?.because}`,
    'See that the server of the model runs and that llm.* of the configuration leads to it.',
  )
  return obstacles
}
