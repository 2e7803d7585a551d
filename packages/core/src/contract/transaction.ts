import type { Loss, UndoChange } from './change.js'
import type { Plan } from './plan.js'

/** Who made a transaction. */
export interface TransactionActor {
  readonly uid: number
  readonly user: string
  readonly sudoUser?: string
  readonly argv: readonly string[]
}

/**
 * Where a transaction stands.
 * - `running`: its process is alive.
 * - `interrupted`: its process is gone and nothing has been undone: `janus recover`.
 * - `applied`: every step done and verified.
 * - `undone`: the host is as it was before.
 * - `incomplete`: something could not be undone, or still is in the kernel.
 * - `void`: it made runtime changes only and the machine has been booted since.
 */
export type TransactionState = 'running' | 'interrupted' | 'applied' | 'undone' | 'incomplete' | 'void'

/** One transaction as the journal tells it. */
export interface TransactionSummary {
  readonly id: string
  readonly state: TransactionState
  readonly module: { readonly id: string; readonly version: string }
  readonly planDigest: string
  readonly startedAt: string
  readonly endedAt?: string
  readonly actor: TransactionActor
  readonly janusVersion: string
  readonly bootId?: string
  /** Steps of all stages that have begun. */
  readonly steps: number
  /** Stages that have begun, where there are more than one. */
  readonly stages?: number
  readonly stepsDone: number
  readonly subjects: readonly string[]
  /** True when a rollback would have something to undo. */
  readonly canRollBack: boolean
}

/** What became of one step or one undo change. */
export type StepOutcome =
  | 'planned'
  | 'done'
  | 'unchanged'
  | 'skipped'
  | 'failed'
  | 'conflict'
  | 'in-progress-in-kernel'
  | 'left'

/** One line of a transaction's report. */
export interface StepReport {
  /** Index of the step in the plan. */
  readonly step: number
  readonly phase: 'apply' | 'undo'
  readonly change: UndoChange
  readonly outcome: StepOutcome
  /** Why, for everything but `done`: with both values for a conflict. */
  readonly reason?: string
}

/** What an apply did. */
export interface ApplyReport {
  readonly transaction: string
  /** `applied`; `unchanged` when the plan had no changes (nothing is journaled). A failure is thrown, after undoing. */
  readonly outcome: 'applied' | 'unchanged'
  readonly plan: Plan
  /** For a profile of several stages: the plan of each, the first one included. Steps are numbered through. */
  readonly stages?: readonly Plan[]
  readonly steps: readonly StepReport[]
}

/** What a rollback or a recovery did, or would do. */
export interface UndoReport {
  readonly transaction: string
  readonly outcome: 'undone' | 'incomplete' | 'void' | 'planned'
  readonly steps: readonly StepReport[]
  /** What undoing did not bring back. */
  readonly losses: readonly Loss[]
}

/** What `recover` found and did. */
export interface RecoverReport {
  readonly transactions: readonly UndoReport[]
  /** Hands that still are in the kernel: process id, and the devices or paths they hold. */
  readonly blocked: readonly { readonly pid: number; readonly subjects: readonly string[] }[]
  readonly complete: boolean
}

/** Whether one thing that Janus changed still is as it left it. */
export interface DriftEntry {
  readonly transaction: string
  readonly step: number
  readonly path: string
  /** `pending-reboot`: it comes into effect with the next boot, and the machine has not been booted since. */
  readonly state: 'holds' | 'drifted' | 'unreadable' | 'pending-reboot'
  readonly expected: string
  readonly found?: string
  readonly why: string
}

/** What Janus has changed on this host and whether it still holds. */
export interface StatusReport {
  readonly stateDirectory: string
  readonly transactions: readonly TransactionSummary[]
  readonly drift: readonly DriftEntry[]
  /** True when nothing is interrupted or incomplete and nothing has drifted. What waits for a boot is as it should be. */
  readonly clean: boolean
  /** True when something comes into effect only with the next boot. */
  readonly rebootPending: boolean
}
