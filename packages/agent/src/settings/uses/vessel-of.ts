import type { AgentSettings } from '../agent-settings.js'

/** Who the agent is. */
export interface Vessel {
  readonly id: string
  readonly type: string
  /** Absolute path; its digest stands on the record at every start. */
  readonly charterFile: string | undefined
  /** Printed under every review card. */
  readonly principles: readonly string[]
  /** Name under which its rule approves. */
  readonly ruleName: string
}

/** The identity of the agent, by the settings. */
export function vesselOf({ vessel_id, vessel_type, constitutional, auto_executor }: AgentSettings): Vessel {
  return {
    id: vessel_id,
    type: vessel_type,
    charterFile: constitutional.charter_path ?? undefined,
    principles: constitutional.principles,
    ruleName: auto_executor.auto_approval_source,
  }
}
