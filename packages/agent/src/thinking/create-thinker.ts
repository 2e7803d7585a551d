import type { JsonValue } from '@janus/core'
import type { Actor } from '../contract/actor.js'
import type { Agent } from '../contract/agent.js'
import type { TellEvent } from '../contract/log-event.js'
import type { ChatModel } from '../contract/model.js'
import type { Metrics } from '../contract/playbook.js'
import type { Obstacle, ThinkingRefusal, ThinkingReport } from '../contract/thinking.js'
import { isAsked, missionSnapshot, missionsAsked } from '../missions/mission-snapshot.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentSettings } from '../settings/agent-settings.js'
import { deskOf } from '../settings/uses/desk-of.js'
import { missionsOf } from '../settings/uses/missions-of.js'
import { breakerOf, modelOf } from '../settings/uses/model-of.js'
import { monitoringOf } from '../settings/uses/monitoring-of.js'
import { thinkingOf } from '../settings/uses/thinking-of.js'
import { toolRegistry } from '../tools/tool-registry.js'
import type { ToolSummary } from './build-prompt.js'
import { type BreakerState, type CircuitBreaker, createCircuitBreaker } from './circuit-breaker.js'
import type { LlamaRunner } from './create-llama-model.js'
import { createModel } from './create-model.js'
import { thinkOnce } from './think-once.js'
import type { ThinkOptions } from './think-options.js'
import { toolSummaries } from './tool-summaries.js'
import { whyNoProposals } from './why-no-proposals.js'

/** The actor that the thinking cycle proposes as. */
export const THINKING_CYCLE: Actor = { kind: 'agent', name: 'thinking-cycle' }

/** What an agent thinks with. What is left out is not there. */
export interface ThinkerParts {
  /** Live numbers, for the context and the triggers of playbooks. */
  readonly metrics?: () => Metrics
  /** The registry of the tools. Default: those of the settings. */
  readonly tools?: () => readonly ToolSummary[]
  readonly modules?: ThinkOptions['modules']
  readonly playbooks?: ThinkOptions['playbooks']
  /** Runs the program of llama.cpp: the sandbox. */
  readonly llama?: LlamaRunner
  /** For the agent log. */
  readonly tell?: TellEvent
  /** Where the variable with the key of a server is looked for. Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/** What a thinker is made of. */
export interface CreateThinkerOptions extends ThinkerParts {
  readonly record: AgentRecord
  /** The agent, as {@link THINKING_CYCLE} uses it. */
  readonly agent: Agent
  /** The settings in force, asked for each cycle. */
  settings(): AgentSettings
}

/** Thinks, one cycle at a time. */
export interface Thinker {
  /** One cycle; whoever asks while one is under way gets that one. */
  think(signal: AbortSignal): Promise<ThinkingReport>
  breaker(): BreakerState
  lastReport(): ThinkingReport | undefined
  /** Why no proposals are made, see `whyNoProposals`. */
  obstacles(): Promise<readonly Obstacle[]>
}

/** A thinker that goes by the settings. Its model and breaker are new when their settings change. */
export function createThinker(options: CreateThinkerOptions): Thinker {
  const { record, agent, metrics = () => ({}), env = process.env } = options
  const { clock } = record
  let known:
    | { readonly by: string; readonly breaker: CircuitBreaker; readonly model: ChatModel | undefined }
    | undefined
  let underWay: Promise<ThinkingReport> | undefined
  let last: ThinkingReport | undefined

  const tools = (settings: AgentSettings): readonly ToolSummary[] =>
    options.tools?.() ?? toolSummaries(toolRegistry(settings).entries)

  const modelled = (settings: AgentSettings) => {
    const [wanted, breaker] = [modelOf(settings), breakerOf(settings)]
    const scriptedTool = tools(settings)[0]?.name
    const by = JSON.stringify([wanted, breaker, scriptedTool])
    if (known?.by !== by) {
      const model = createModel(wanted, { env, llama: options.llama, scriptedTool, monotonic: clock.monotonic })
      known = { by, model, breaker: createCircuitBreaker(breaker, clock) }
    }
    return known
  }

  const cycle = async (signal: AbortSignal): Promise<ThinkingReport> => {
    const settings = options.settings()
    const thinking = thinkingOf(settings)
    const { modules, playbooks, tell = () => undefined } = options
    return thinkOnce({
      ...modelled(settings),
      agent,
      thinking,
      vesselId: settings.vessel_id,
      clock,
      tools: tools(settings),
      ...(modules === undefined ? {} : { modules }),
      ...(playbooks === undefined ? {} : { playbooks }),
      mission: await missionSnapshot(missionsOf(settings), thinking?.mostMaterialCharacters ?? 0),
      metrics: metrics(),
      pending: () => record.state.counts.proposed,
      maxPending: deskOf(settings).mostPending,
      tell,
      record: (refused) => recordRefusals(record, refused),
      trace: monitoringOf(settings).log.proposalReasons,
      signal,
    })
  }

  return {
    think: (signal) => {
      underWay ??= cycle(signal)
        .then((report) => {
          last = report
          return report
        })
        .finally(() => {
          underWay = undefined
        })
      return underWay
    },
    breaker: () => modelled(options.settings()).breaker.state(),
    lastReport: () => last,
    obstacles: async () => {
      const settings = options.settings()
      const { model, breaker } = modelled(settings)
      return whyNoProposals({
        thinking: thinkingOf(settings),
        model,
        breakerState: breaker.state(),
        mode: await agent.showMode(),
        pending: record.state.counts.proposed,
        maxPending: deskOf(settings).mostPending,
        tools: tools(settings),
        modules: options.modules,
        isAsked: isAsked(await missionsAsked(missionsOf(settings))),
        lastReport: last,
      })
    },
  }
}

/** So many of one cycle stand on the record, and how many more there were. */
const MOST_RECORDED = 5

async function recordRefusals(record: AgentRecord, refused: readonly ThinkingRefusal[]): Promise<void> {
  const over = refused.length - MOST_RECORDED
  const told = over > 0 ? [...refused.slice(0, MOST_RECORDED), more(over)] : refused
  await record.commit(() => ({
    events: told.map(({ code, text }) => ({
      type: 'request-refused' as const,
      payload: { code, summary: text, by: THINKING_CYCLE, details: {} as JsonValue },
    })),
    answer: undefined,
  }))
}

function more(over: number): ThinkingRefusal {
  return { code: 'JANUS_AGENT_MODEL_REPLY_INVALID', text: `${over} more of the same answer` }
}
