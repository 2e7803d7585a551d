import type { AgentSettings } from '../agent-settings.js'

const SECOND = 1000
const HOUR = 3600

/** How the agent thinks. Paths are absolute; undefined: there is none. */
export interface Thinking {
  /** Milliseconds between two cycles. */
  readonly intervalMilliseconds: number
  /** Whether it proposes what nobody asked for. */
  readonly proposesByItself: boolean
  /** Proposals of one cycle at most. */
  readonly mostProposals: number
  readonly playbooksFile: string
  /** Directory that proposals may be checked against. */
  readonly constitutionalMemory: string | undefined
  /** Characters of one study material. */
  readonly mostMaterialCharacters: number
}

/** The thinking cycle, by the settings; undefined: the agent does not think. */
export function thinkingOf({ thinking_cycle: cycle, playbooks, constitutional }: AgentSettings): Thinking | undefined {
  if (!cycle.enabled) return undefined
  return {
    intervalMilliseconds: (cycle.cycle_interval_seconds ?? (cycle.cycle_interval_hours ?? 1) * HOUR) * SECOND,
    proposesByItself: cycle.enable_autonomous_proposals,
    mostProposals: cycle.max_proposals_per_cycle,
    playbooksFile: cycle.playbook_registry_path ?? playbooks.registry_path,
    constitutionalMemory: cycle.constitutional_memory_path ?? constitutional.memory_path ?? undefined,
    mostMaterialCharacters: cycle.study_materials_max_chars,
  }
}
