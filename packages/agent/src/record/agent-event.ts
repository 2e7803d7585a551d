import type { JsonValue } from '@janus/core'
import type { Actor, EnrolledKey, Signature } from '../contract/actor.js'
import type { ExecutionResult } from '../contract/execution.js'
import type { GovernanceChange } from '../contract/governance.js'
import type { ModeEvidence, OperationalMode } from '../contract/mode.js'
import type { ApprovedPlaybook } from '../contract/playbook.js'
import type { Policy } from '../contract/policy.js'
import type { Decision, Proposal, ProposalStatus } from '../contract/proposal.js'
import type { BrokenLimit, StopKind } from '../contract/stop.js'
import type { Warrant } from '../contract/warrant.js'

/** What the record holds, by type of event. Everything that is decided stands here before it has an effect. */
export interface AgentEvents {
  /** The first of a record. */
  'record-created': { readonly recordId: string; readonly vesselId: string }
  /** A process opened the record for writing, and with what. */
  'agent-opened': {
    readonly by: Actor
    readonly janus: string
    readonly bootId: string | null
    readonly config: string
    readonly sandboxProfile: string
  }
  'proposal-created': { readonly proposal: Proposal; readonly status: 'draft' | 'proposed' }
  'proposal-moved': {
    readonly proposal: string
    /** The revision it was decided on. */
    readonly revision: number
    readonly from: ProposalStatus
    readonly to: ProposalStatus
    readonly by: Actor
    readonly reason?: { readonly code?: string; readonly text: string }
  }
  'proposal-decided': { readonly proposal: string; readonly revision: number; readonly decision: Decision }
  'proposal-timed-out': { readonly proposal: string; readonly ageSeconds: number }
  'warrant-issued': { readonly warrant: Warrant }
  'warrant-consumed': { readonly nonce: string; readonly proposal: string }
  'execution-ended': { readonly proposal: string; readonly result: ExecutionResult }
  /** The rollback that was approved with an action is begun, once. `nonce`: see `rollbackNonce`. */
  'rollback-started': {
    readonly proposal: string
    readonly nonce: string
    readonly by: Actor
    readonly because: string
  }
  'rollback-ended': { readonly proposal: string; readonly result: ExecutionResult }
  'notification-sent': { readonly proposal: string; readonly ok: boolean; readonly summary: string }
  'mode-changed': {
    readonly from: OperationalMode
    readonly to: OperationalMode
    readonly by: Actor
    readonly because: string
    /** What opened the gate; null for a demotion. */
    readonly evidence: ModeEvidence | null
    /** Of a promotion to beta; one to omega was signed when it was requested. */
    readonly signed?: SignedMode
  }
  /** A promotion that people signed and that takes effect later, if its gate is still open then. */
  'mode-requested': {
    readonly to: OperationalMode
    readonly effectiveFrom: string
    readonly by: Actor
    readonly because: string
    readonly evidence: ModeEvidence
    readonly signed: SignedMode
  }
  /** The promotion that waited is given up. */
  'mode-request-cancelled': { readonly by: Actor; readonly because: string }
  /** A breach of the constitution: counted against every promotion, and a fall back to alpha. */
  'violation-recorded': {
    readonly code: string
    readonly summary: string
    readonly by: Actor
    readonly proposal?: string
  }
  /** Something was asked for and refused. */
  'request-refused': {
    readonly code: string
    readonly summary: string
    readonly by: Actor
    readonly proposal?: string
    readonly details?: JsonValue
  }
  /** A change of the rules was approved and takes effect later. */
  'change-scheduled': { readonly proposal: string; readonly change: GovernanceChange; readonly effectiveFrom: string }
  'change-cancelled': { readonly proposal: string; readonly by: Actor; readonly because: string }
  /** What was scheduled is in effect; it stands beside the event of what was adopted. */
  'change-applied': { readonly proposal: string }
  'policy-adopted': { readonly policy: Policy; readonly digest: string; readonly by: Actor }
  'settings-adopted': { readonly set: Readonly<Record<string, JsonValue>>; readonly by: Actor }
  'sandbox-profile-adopted': { readonly digest: string; readonly by: Actor }
  'playbook-approved': { readonly approved: ApprovedPlaybook; readonly by: Actor }
  'playbook-revoked': { readonly playbookId: string; readonly by: Actor; readonly because: string }
  /** `bootstrap`: by the owner of the record and without review, because there was no key yet. */
  'key-enrolled': { readonly key: EnrolledKey; readonly by: Actor; readonly bootstrap?: true }
  'key-revoked': { readonly keyId: string; readonly by: Actor; readonly because: string }
  'checkpoint-signed': { readonly size: number; readonly hash: string; readonly keyId: string }
  /** Where the record lies: a copy of it lies elsewhere. Recorded when it is created, and when somebody accepts that it was moved. */
  'record-anchored': { readonly anchor: string; readonly by: Actor; readonly because: string }
  /** The process that has the record open lives. `seconds`: since it opened it or last said so, on its monotonic clock. */
  'agent-alive': { readonly seconds: number }
  /** Wall and monotonic clock disagreed by more than a second. */
  'clock-stepped': { readonly seconds: number }
  /** Something out of the ordinary began or ended, by its name in the documents: `auto_executor.failure_rate_alert`. */
  'alert-raised': { readonly event: string; readonly holds: boolean; readonly summary: string }
  /** A file of ours was not as we left it. */
  'integrity-alarm': { readonly path: string; readonly summary: string }
  /** Everything was stopped, until a person lifts that. */
  'emergency-stopped': {
    readonly cause: StopKind
    /** Untrusted where it was read from a file. */
    readonly summary: string
    readonly by: Actor
    /** Processes that were ended, and those that SIGKILL did not end in time. */
    readonly ended: number
    readonly left: number
    /** Proposals that were being executed. */
    readonly executing: readonly string[]
  }
  'emergency-lifted': { readonly by: Actor; readonly because: string }
  /** The event loop stood still for too long, or a run used up what it was given. */
  'limit-violated': {
    readonly limit: BrokenLimit
    readonly summary: string
    readonly by: Actor
    readonly proposal?: string
  }
}

/** What people signed for a promotion, see `modeStatement`. */
export interface SignedMode {
  /** When it was signed, ISO 8601. */
  readonly at: string
  readonly signatures: readonly Signature[]
}

/** A type of event. */
export type AgentEventType = keyof AgentEvents

/** One event to be recorded. */
export type AgentEvent = {
  [Type in AgentEventType]: { readonly type: Type; readonly payload: AgentEvents[Type] }
}[AgentEventType]

/** An event as it stands in the record. */
export type RecordedEvent = AgentEvent & {
  readonly seq: number
  /** ISO 8601, UTC. */
  readonly at: string
}
