import type { JsonValue } from '@janus/core'
import type { Action, ToolAction } from './action.js'
import type { Actor, Signature } from './actor.js'
import type { ExecutionResult } from './execution.js'
import type { ComputedRisk, RiskLevel } from './risk.js'

/** The one set of statuses. */
export const PROPOSAL_STATUSES = [
  'draft',
  'proposed',
  'approved',
  'rejected',
  'executing',
  'completed',
  'failed',
  'suspended',
  'expired',
  'stale',
  'cancelled',
  'unknown',
] as const

/** Where a proposal stands. */
export type ProposalStatus = (typeof PROPOSAL_STATUSES)[number]

/** What its author wrote: nothing in it is believed. */
export interface ProposalContent {
  readonly vesselId: string
  readonly missionContext: string
  /** As normalised: lower snake case, `unknown` when nothing is left. */
  readonly actionType: string
  readonly rationale: string
  readonly expectedOutcome: string
  readonly declaredRisk: RiskLevel
  readonly riskMitigation: string
  /** In words, for the reviewer. */
  readonly rollbackPlan: string
  readonly action: Action
  /** What a failure runs, approved together with the action; null when there is nothing to undo, or the action is a plan that undoes itself. */
  readonly rollback: ToolAction | null
  readonly metadata: Readonly<Record<string, JsonValue>>
}

/** A proposal as it was recorded. */
export interface Proposal {
  /** `janus-` and twelve hexadecimal digits. */
  readonly id: string
  readonly createdAt: string
  readonly proposer: Actor
  readonly content: ProposalContent
  /** SHA-256 over the RFC 8785 JSON of `id`, `proposer`, `content` and `risk`: what an approval is bound to. */
  readonly digest: string
  readonly risk: ComputedRisk
  readonly novelty: Novelty
}

/** How alike a proposal is to earlier ones. */
export interface Novelty {
  /** 1 minus the greatest similarity found; three decimals. */
  readonly score: number
  /** The proposal it repeats; it stays a draft then. */
  readonly duplicateOf?: string
}

/** A decision of one approver. */
export interface Decision {
  readonly decision: 'approve' | 'reject'
  readonly by: Actor
  readonly at: string
  /** The digest that was read. */
  readonly digest: string
  readonly reason?: string
  /** Free text that goes with it, `first_citizen`: a label, no identity. */
  readonly label?: string
  /** Of a decision by the holder of a key: for whoever verifies the record. */
  readonly signed?: DecisionSignature
}

/** A signature and what was signed besides what the decision itself holds, see `decisionStatement`. */
export interface DecisionSignature extends Signature {
  /** When it was signed, ISO 8601. */
  readonly at: string
  readonly allowStale: boolean
  readonly withdraw: boolean
}

/** One execution that ended: of what was approved, or of its rollback. */
export interface EndedExecution {
  readonly of: 'action' | 'rollback'
  /** Holds what the program wrote: untrusted. */
  readonly result: ExecutionResult
}

/** A proposal with what was executed of it the last time: the action, then its rollback. */
export interface ShownProposal extends ProposalRecord {
  readonly executions: readonly EndedExecution[]
}

/** An open proposal, or one that was asked for. */
export interface ProposalRecord {
  readonly proposal: Proposal
  readonly status: ProposalStatus
  /** Counts the moves; a move names the revision it was decided on. */
  readonly revision: number
  readonly decisions: readonly Decision[]
  /** Nonce of the warrant, once approved. */
  readonly warrant?: string
  /** Why it stands where it stands, with the code of the refusal or failure. */
  readonly reason?: { readonly code?: string; readonly text: string }
  /** When it was put up for review, the last time: its age counts from here. */
  readonly proposedAt: string
  /** When the timeout alert was raised. */
  readonly timedOutAt?: string
  readonly updatedAt: string
}
