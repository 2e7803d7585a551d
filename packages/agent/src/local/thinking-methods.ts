import type { Agent, Caller } from '../contract/agent.js'
import type { TellEvent } from '../contract/log-event.js'
import type { Obstacle, ThinkingReport } from '../contract/thinking.js'
import { agentError } from '../errors/agent-error.js'
import { createMissionWatch } from '../missions/mission-watch.js'
import type { AgentState } from '../record/agent-state.js'
import { missionsOf } from '../settings/uses/missions-of.js'
import { createThinker, THINKING_CYCLE, type Thinker, type ThinkerParts } from '../thinking/create-thinker.js'
import { toolSummaries } from '../thinking/tool-summaries.js'
import type { LocalAgentContext } from './local-agent-context.js'

/** What the process that has the record open thinks with. */
export interface ThinkingMethods {
  /**
   * Names what the agent thinks with besides its settings: metrics, the sandbox, modules, playbooks. Until then it thinks with its settings alone.
   * @returns what thinks from now on
   */
  useThinker(parts: ThinkerParts): Thinker
  /** Looks for missions that were handed over, and takes a sequence of missions further; to be called every `missionsOf(settings).pollMilliseconds`. Never fails. */
  lookForMissions(): Promise<void>
  /** One cycle, see `thinkOnce`. @throws JANUS_AGENT_NOT_PERMITTED where nothing thinks; JANUS_AGENT_FROZEN */
  think(signal?: AbortSignal): Promise<ThinkingReport>
  /** Why no proposals are made, see `whyNoProposals`; undefined where nothing thinks. */
  obstacles(): Promise<readonly Obstacle[] | undefined>
}

/** What thinking takes from the agent. */
export interface ThinkingHost {
  /** The agent as somebody uses it. */
  as(caller: Caller): Agent
  /** Ends a cycle that is under way. */
  readonly ended: AbortSignal
  readonly tell: TellEvent
}

/**
 * The thinking of one agent. It is made when it is first asked for.
 */
export function thinkingMethods(context: () => LocalAgentContext, { as, ended, tell }: ThinkingHost): ThinkingMethods {
  let thinker: Thinker | undefined

  const make = (parts: ThinkerParts): Thinker | undefined => {
    const { local, settings } = context()
    if (settings === undefined) return undefined
    return createThinker({
      tell,
      playbooks: signedPlaybooks(context),
      tools: () => toolSummaries(context().tools ?? new Map()),
      ...parts,
      record: local.record,
      agent: as({ actor: THINKING_CYCLE, owner: false }),
      settings: () => context().settings ?? settings,
    })
  }

  const own = (): Thinker | undefined => {
    thinker ??= make({})
    return thinker
  }

  const watch = createMissionWatch({
    missions: () => missionsOf(context().settings ?? nothingThinks()),
    clock: context().local.record.clock,
    proposals: () => proposalsMade(context().local.record.state),
    tell,
  })

  return {
    lookForMissions: async () => {
      if (context().settings !== undefined && context().frozen() === undefined) await watch.look()
    },
    useThinker: (parts) => {
      thinker = make(parts)
      return thinker ?? nothingThinks()
    },
    think: async (signal) => {
      const asked = own() ?? nothingThinks()
      return asked.think(signal === undefined ? ended : AbortSignal.any([signal, ended]))
    },
    obstacles: async () => own()?.obstacles(),
  }
}

/** Those that people signed; whoever executes goes on with the next step when one is completed. */
function signedPlaybooks(context: () => LocalAgentContext): NonNullable<ThinkerParts['playbooks']> {
  const state = () => context().local.record.state
  return {
    get approved() {
      return context().settings?.playbooks.enabled === true ? state().playbooks.values() : []
    },
    isUnderWay: (id) => [...state().open.values()].some(({ proposal }) => proposal.content.metadata.playbook_id === id),
    proposeStep: async (approved, step) => {
      const { local, parts, begin } = context()
      await begin(THINKING_CYCLE)
      return parts.proposeStep(local.record, approved, step, THINKING_CYCLE)
    },
  }
}

/** What a decision or an execution follows is no standstill either, and is known after a restart. */
function proposalsMade({ counts, lastActivityAt }: AgentState): {
  readonly count: number
  readonly lastAt: string | undefined
} {
  const { draft: _, ...others } = counts
  return { count: Object.values(others).reduce((sum, count) => sum + count, 0), lastAt: lastActivityAt }
}

function nothingThinks(): never {
  throw agentError('JANUS_AGENT_NOT_PERMITTED', 'this agent was opened without settings to think by')
}
