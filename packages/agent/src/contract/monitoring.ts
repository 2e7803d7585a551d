import type { AgentStatus } from './agent.js'

/** What is told of an agent over HTTP and in its metrics, at one moment. */
export interface MonitoringSnapshot {
  /** ISO 8601. */
  readonly at: string
  readonly status: AgentStatus
  /** How the sandbox did in its last self-test; null before one. */
  readonly sandbox: { readonly holds: boolean; readonly because: string | null } | null
  /** Whether the model is left alone for a while because it failed too often; null where there is none. */
  readonly breakerOpen: boolean | null
  readonly thinking: boolean
  /** Why everything stands still; null when nothing does. */
  readonly stopped: string | null
}
