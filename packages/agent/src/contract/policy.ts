import type { OperationalMode } from './mode.js'
import type { RiskLevel } from './risk.js'

/** What may run at all, as data. What no rule allows is denied. */
export interface Policy {
  readonly schema: 'janus.policy/1'
  readonly name: string
  readonly rules: readonly PolicyRule[]
}

/** One rule: all its conditions must hold; a `deny` beats every `allow`. */
export interface PolicyRule {
  /** Unique in its policy, kebab-case. */
  readonly id: string
  readonly effect: 'allow' | 'deny'
  readonly when: PolicyConditions
  /** For whoever asks why. */
  readonly because: string
}

/**
 * The closed vocabulary of conditions; one left out always holds. An empty list of names never holds, an empty list of paths or domains only for an action that names none.
 * In a rule that denies, paths and domains hold when one of those that the action names is in the list.
 */
export interface PolicyConditions {
  readonly actionKinds?: readonly ('tool' | 'module' | 'governance')[]
  readonly actionTypes?: readonly string[]
  readonly tools?: readonly string[]
  /** Ids of modules. */
  readonly modules?: readonly string[]
  /** Grammar of the arguments: each given argument must be matched by the pattern at its place, the last one repeating if it says so. */
  readonly args?: readonly ArgumentPattern[]
  /** Every path that the action names lies below one of these. */
  readonly paths?: readonly string[]
  /** Every domain that the action names is one of these or below one of these. */
  readonly network?: readonly string[]
  readonly maxRisk?: RiskLevel
  readonly modes?: readonly OperationalMode[]
  /** Local time of day, days of week. */
  readonly time?: TimeWindow
  /** At most so many executions begun, of any action, in a sliding window; at most 10,000. */
  readonly budget?: { readonly actions: number; readonly seconds: number }
}

/** What an argument may be. */
export type ArgumentPattern =
  | { readonly kind: 'literal'; readonly value: string; readonly repeat?: boolean }
  | { readonly kind: 'one-of'; readonly values: readonly string[]; readonly repeat?: boolean }
  | { readonly kind: 'integer'; readonly min?: number; readonly max?: number; readonly repeat?: boolean }
  /** A path below one of these directories, without `..`. */
  | { readonly kind: 'path'; readonly below: readonly string[]; readonly repeat?: boolean }
  /** Text that does not begin with `-` and has no control characters. */
  | { readonly kind: 'text'; readonly maxLength: number; readonly repeat?: boolean }

/** A window of time. */
export interface TimeWindow {
  /** `HH:MM`, inclusive; a window may pass midnight. */
  readonly from: string
  readonly to: string
  /** 0 is Sunday. Default: every day. */
  readonly days?: readonly number[]
  readonly timeZone: 'utc' | 'local'
}

/** What a policy says about one action. */
export interface PolicyVerdict {
  readonly allowed: boolean
  /** Digest of the policy that was asked. */
  readonly policy: string
  /** The rule that decided; absent when none allowed. */
  readonly rule?: string
  /** Every rule with the first condition that failed it, for `explain`. */
  readonly considered: readonly PolicyConsideration[]
  /** What it says of what a failure runs; nothing is allowed whose rollback is not. */
  readonly rollback?: PolicyVerdict
}

/** How one rule fared. */
export interface PolicyConsideration {
  readonly rule: string
  readonly effect: 'allow' | 'deny'
  readonly matched: boolean
  /** The condition that failed, and what was found. */
  readonly failed?: { readonly condition: string; readonly because: string }
}
