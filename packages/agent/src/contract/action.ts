import type { JsonValue, Plan } from '@janus/core'
import type { GovernanceChange } from './governance.js'

/** What a proposal wants to be done. */
export type Action = ToolAction | ModuleAction | GovernanceAction

/** One run of a tool. */
export interface ToolAction {
  readonly kind: 'tool'
  /** Name of a registered tool. */
  readonly tool: string
  /** Arguments as they reach the program: never a shell string. */
  readonly args: readonly string[]
  readonly kwargs: Readonly<Record<string, JsonValue>>
  /** Domains it needs; empty for none. */
  readonly network: readonly string[]
}

/** A plan of a Janus module: the reviewer sees exactly the changes, and the digest approved is the plan's. */
export interface ModuleAction {
  readonly kind: 'module'
  readonly plan: Plan
  /** Ids of losses that an approval accepts with it. */
  readonly accept: readonly string[]
}

/** A change of the rules themselves: always of high risk, in effect after the review time. */
export interface GovernanceAction {
  readonly kind: 'governance'
  readonly change: GovernanceChange
}
