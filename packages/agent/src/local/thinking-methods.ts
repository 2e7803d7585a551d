import type { LocalAgentContext } from '../agent.js'
import type { Agent, Caller } from '../contract/agent.js'
import type { TellEvent } from '../contract/log-event.js'
import type { Obstacle, ThinkingReport } from '../contract/thinking.js'
import { agentError } from '../errors/agent-error.js'
import { createThinker, THINKING_CYCLE, type Thinker, type ThinkerParts } from '../thinking/create-thinker.js'
import { toolSummaries } from '../thinking/tool-summaries.js'

/** What the process that has the record open thinks with. */
export interface ThinkingMethods {
  /**
   * Names what the agent thinks with besides its settings: metrics, the sandbox, modules, playbooks. Until then it thinks with its settings alone.
   * @returns what thinks from now on
   */
  useThinker(parts: ThinkerParts): Thinker
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

  return {
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

function nothingThinks(): never {
  throw agentError('JANUS_AGENT_NOT_PERMITTED', 'this agent was opened without settings to think by')
}
