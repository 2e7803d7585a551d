import type { Actor, EnrolledKey } from '../contract/actor.js'
import type { ExecutionOutcome } from '../contract/execution.js'
import type { GovernanceChange } from '../contract/governance.js'
import type { OperationalMode } from '../contract/mode.js'
import type { ApprovedPlaybook } from '../contract/playbook.js'
import type { Policy } from '../contract/policy.js'
import type { Decision, ProposalRecord, ProposalStatus } from '../contract/proposal.js'
import type { BrokenLimit, StandingStop } from '../contract/stop.js'
import type { Warrant } from '../contract/warrant.js'

/** What the record adds up to. Its size goes with what is open, not with what has been. */
export interface AgentState {
  /** Empty before the record was created. */
  readonly recordId: string
  readonly vesselId: string
  /** Identifies the place where the record lies, see `locateRecord`. */
  readonly anchor: string | undefined
  /** Proposals that are not at an end, and suppressed drafts not at all. */
  readonly open: ReadonlyMap<string, ProposalRecord>
  /** The last that ended, oldest first: enough to tell a late decision who was quicker. */
  readonly ended: ReadonlyMap<string, EndedProposal>
  /** The newest proposals for the search for repetitions, oldest first. */
  readonly recent: ReadonlyMap<string, RecentProposal>
  /** All proposals that ever were, by where they stand. */
  readonly counts: Readonly<Record<ProposalStatus, number>>
  readonly mode: ModeState
  readonly violations: ViolationState
  readonly policy: { readonly policy: Policy; readonly digest: string } | undefined
  /** Settings that approved changes made, by dotted key; they go before the file. */
  readonly settings: Readonly<Record<string, unknown>>
  readonly sandboxProfile: string | undefined
  readonly playbooks: ReadonlyMap<string, ApprovedPlaybook>
  readonly keys: ReadonlyMap<string, EnrolledKey>
  /** Issued and not consumed, by nonce. */
  readonly warrants: ReadonlyMap<string, Warrant>
  /** Nonces used up, the newest last; older ones lie in the record. */
  readonly consumed: ReadonlySet<string>
  /** Rollbacks that were begun, by proposal, the newest last; older ones lie in the record. */
  readonly rollbacks: ReadonlyMap<string, StartedRollback>
  readonly scheduled: ReadonlyMap<string, ScheduledChange>
  readonly checkpoint: { readonly size: number; readonly hash: string; readonly at: string } | undefined
  /** When the newest executions were begun, oldest first, milliseconds since the epoch: for budgets. At most 10,000. */
  readonly begun: readonly number[]
  /** The newest executions that ended and were not suspended, oldest first: for failure rates. */
  readonly executions: readonly RecentExecution[]
  /** The stop that stands. */
  readonly stopped: StandingStop | undefined
  /** When the last one was lifted. */
  readonly liftedAt: string | undefined
  /** The newest violations of limits since the last stop was lifted, oldest first. At most 1,000. */
  readonly limitViolations: readonly { readonly at: string; readonly limit: BrokenLimit; readonly summary: string }[]
  readonly lastSeq: number
  /** Time of the last event, and the greatest time seen: they differ when the clock was set back. */
  readonly lastAt: string | undefined
  /** When something was last proposed, decided or executed. */
  readonly lastActivityAt: string | undefined
  readonly greatestAt: string | undefined
}

/** So many beginnings are known; no budget can be larger. */
export const MOST_BEGUN = 10_000

/** How a proposal ended. */
export interface EndedProposal {
  readonly id: string
  readonly status: ProposalStatus
  readonly digest: string
  readonly decisions: readonly Decision[]
  readonly reason?: { readonly code?: string; readonly text: string }
  readonly endedAt: string
  /** Who made the move that ended it. */
  readonly endedBy: Actor
}

/** A rollback that was begun. */
export interface StartedRollback {
  readonly nonce: string
  readonly by: Actor
  readonly at: string
  /** How it ended; undefined while it runs, or when a crash cut it off. */
  readonly outcome: ExecutionOutcome | undefined
}

/** What the search for repetitions needs of a proposal. */
export interface RecentProposal {
  readonly id: string
  readonly actionType: string
  readonly rationale: string
  /** Digest of the action alone. */
  readonly actionDigest: string
  readonly status: ProposalStatus
}

/** The mode and the numbers of its gate. */
export interface ModeState {
  readonly mode: OperationalMode
  readonly since: string | undefined
  /** Seconds in this mode that a running process measured on its monotonic clock. */
  readonly seconds: number
  /** False until the first sign of life in this mode: the span before it began in another. */
  readonly measuring: boolean
  /** Proposals by what people finally said of them, each counted once. */
  readonly approved: number
  readonly rejected: number
  readonly timedOut: number
  readonly violations: number
  /** A promotion that waits for its time. */
  readonly request: ModeRequest | undefined
  /** How each proposal that is still open was counted. */
  readonly outcomes: ReadonlyMap<string, DecidedOutcome>
  /** Decisions of the last seven days, oldest first: `true` for a rejection. */
  readonly recentDecisions: readonly { readonly at: string; readonly rejected: boolean }[]
}

/** A promotion that people signed and that waits for its time. */
export interface ModeRequest {
  readonly to: OperationalMode
  readonly effectiveFrom: string
  /** Seconds in the mode at which its time was lived: a clock that is set does not shorten it. */
  readonly livedFrom: number
  readonly because: string
  readonly by: Actor
}

/** What people finally said of a proposal; that nobody said anything in time stays counted against. */
export type DecidedOutcome = 'approved' | 'rejected' | 'timedOut'

/** Violations over the life of the record. */
export interface ViolationState {
  readonly total: number
  readonly latest: { readonly code: string; readonly summary: string; readonly at: string } | undefined
}

/** A change of the rules that waits for its time. */
export interface ScheduledChange {
  readonly proposal: string
  readonly change: GovernanceChange
  readonly effectiveFrom: string
}

/** An execution that ended. */
export interface RecentExecution {
  readonly proposal: string
  readonly at: string
  /** It failed, or nobody knows. */
  readonly failed: boolean
}
