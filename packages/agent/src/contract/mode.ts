import type { Actor, Signature } from './actor.js'

/** How much the agent may do by itself. */
export type OperationalMode = 'alpha' | 'beta' | 'omega'

/** The modes in ascending order. */
export const OPERATIONAL_MODES = ['alpha', 'beta', 'omega'] as const satisfies readonly OperationalMode[]

/** Numbers of a promotion gate, computed from the verified record. */
export interface ModeEvidence {
  readonly mode: OperationalMode
  /** When the mode began, ISO 8601. */
  readonly since: string
  /** Days of operation in it: gaps and jumps of the clock do not count. */
  readonly days: number
  /** Proposals that people approved and rejected in it; a timeout counts as rejected, what ran without a person not at all. */
  readonly approved: number
  readonly rejected: number
  readonly timedOut: number
  /** approved / (approved + rejected + timedOut); null without a decision. */
  readonly approvalRate: number | null
  readonly violations: number
}

/** One condition of a gate. */
export interface GateCondition {
  /** Stable name: `days`, `approval-rate`, `sample`, `violations`, `authorisation`, `recommendation`, `review-time`, `maintenance`. */
  readonly condition: string
  readonly holds: boolean
  readonly wanted: string
  readonly found: string
}

/** What must hold for a promotion, and whether it does. */
export interface ModeGate {
  readonly from: OperationalMode
  readonly to: OperationalMode
  readonly open: boolean
  readonly conditions: readonly GateCondition[]
  readonly evidence: ModeEvidence
}

/** A promotion as people signed it. */
export interface ModeAuthorisation {
  readonly by: Actor
  readonly signatures: readonly Signature[]
}

/** What the agent may do right now: the one answer that every path asks for. */
export interface EffectivePermission {
  readonly mode: OperationalMode
  /** May create proposals. */
  readonly propose: boolean
  /** May run what a person approved. */
  readonly runApproved: boolean
  /** May run steps of signed playbooks whose trigger fires. */
  readonly runPlaybooks: boolean
  /** May approve allow-listed proposals of low risk by itself. */
  readonly approveListed: boolean
  /** May run novel proposals inside the policy, up to medium risk. */
  readonly runNovel: boolean
  /** May any run use the network. */
  readonly network: boolean
  /** What holds it back, each as one sentence with the name of the rule. */
  readonly restrictions: readonly { readonly rule: string; readonly because: string }[]
}
