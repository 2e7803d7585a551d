import type { AgentSettings } from '../agent-settings.js'

/** Where the agent writes for others to read. Absolute paths. */
export interface AgentFiles {
  /** Views of the record, JSON lines. */
  readonly views: {
    readonly missions: string
    readonly toolUse: string
    readonly proposals: string
    readonly approvalQueue: string
  }
  readonly log: string
  /** Directory for what tools fetched. */
  readonly intelCache: string
}

/** The files of the agent, by the settings. */
export function filesOf({ logging }: AgentSettings): AgentFiles {
  return {
    views: {
      missions: logging.mission_log,
      toolUse: logging.tool_log,
      proposals: logging.proposals_log,
      approvalQueue: logging.approval_queue,
    },
    log: logging.agent_log,
    intelCache: logging.intel_cache,
  }
}
