import type { AgentSettings } from '../agent-settings.js'

const SECOND = 1000

/** Where missions come from. Paths are absolute; undefined: there is none. */
export interface Missions {
  readonly pollMilliseconds: number
  /** Of the hand-over between orchestrator and agent. */
  readonly stateDirectory: string
  /** Of the mission files. */
  readonly directory: string
  readonly file: string | undefined
  readonly objectivesFile: string | undefined
  /** Directories that study materials may be read from. */
  readonly materialRoots: readonly string[]
}

/** The places of missions, by the settings. */
export function missionsOf({ harness, llm, thinking_cycle: thinking }: AgentSettings): Missions {
  return {
    pollMilliseconds: harness.mission_poll_interval_seconds * SECOND,
    stateDirectory: harness.mission_state_dir,
    directory: llm.missions_dir,
    file: thinking.mission_file_path ?? undefined,
    objectivesFile: thinking.mission_objectives_path ?? undefined,
    materialRoots: [llm.missions_dir, ...thinking.material_roots],
  }
}
