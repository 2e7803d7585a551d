import type { AgentSettings } from '../agent-settings.js'

const DAY_MILLISECONDS = 24 * 3600 * 1000

/** Where runs work, and how long what they leave is kept. */
export interface Workspaces {
  /** Absolute path. */
  readonly root: string
  /** Milliseconds after a run; undefined: until a person removes it. */
  readonly keptMilliseconds: number | undefined
}

/** The workspaces, by the settings. How large one may become is one of the bounds of a run, see `limitsOfSettings`. */
export function workspacesOf({ sandbox, security }: AgentSettings): Workspaces {
  const { auto_cleanup_enabled: cleanup, workspace_retention_days: days } = security.filesystem
  return { root: sandbox.root, keptMilliseconds: cleanup ? days * DAY_MILLISECONDS : undefined }
}
