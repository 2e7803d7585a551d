import type { Diagnostic, JsonValue } from '@janus/core'
import type { Actor, EnrolledKey, Signature } from './actor.js'
import type { ControlsState } from './controls.js'
import type { DaemonState } from './daemon.js'
import type { ExecutionResult } from './execution.js'
import type { GovernanceChange } from './governance.js'
import type { EffectivePermission, ModeGate, OperationalMode } from './mode.js'
import type { ApprovedPlaybook } from './playbook.js'
import type { Policy, PolicyVerdict } from './policy.js'
import type { Decision, ProposalRecord, ProposalStatus, ShownProposal } from './proposal.js'
import type { ComputedRisk, RiskLevel } from './risk.js'
import type { StandingStop, StopReport } from './stop.js'
import type { Obstacle, ThinkingReport } from './thinking.js'
import type { MissingTool, ToolDescription } from './tool-description.js'
import type { ResolvedAction } from './warrant.js'

/**
 * The agent, for everybody who asks it something: the same whether this process has the record open or another one answers over
 * its socket. Who asks is settled when it is opened; a request that is signed is made by the holder of the key.
 *
 * Every method throws JANUS_AGENT_REQUEST_INVALID for a request of another shape, JANUS_AGENT_IDENTITY_REFUSED for a caller who may not,
 * JANUS_AGENT_PROPOSAL_NOT_FOUND where it names a proposal that never was, JANUS_AGENT_UNREACHABLE when the process that
 * holds the record does not answer in time, and JANUS_LEDGER_WRITE_FAILED when nothing can be recorded any more.
 */
export interface Agent {
  /** `record`: this process has the record open; `socket`: another one answers. */
  readonly via: 'record' | 'socket'
  /**
   * Proposes an action. Nothing in the draft is believed.
   * @throws JANUS_AGENT_PROPOSAL_INVALID; JANUS_AGENT_QUEUE_FULL; JANUS_AGENT_NOT_PERMITTED; JANUS_AGENT_FROZEN
   */
  propose(request: ProposeRequest): Promise<ProposalRecord>
  /** Proposals in few words, the newest first. */
  list(request: ListRequest): Promise<readonly ProposalRow[]>
  /** One proposal whole, wherever it stands and however long ago, with what was executed of it. */
  show(request: ProposalRequest): Promise<ShownProposal>
  /** What a reviewer reads before deciding: what would really run, at this moment. Changes nothing. */
  review(request: ReviewRequest): Promise<ReviewAnswer>
  /**
   * Approves what was read.
   * @throws JANUS_AGENT_DIGEST_MISMATCH; JANUS_AGENT_SELF_APPROVAL; JANUS_AGENT_ALREADY_DECIDED saying who decided what and when;
   * JANUS_AGENT_TIMED_OUT without `allowStale`; JANUS_AGENT_POLICY_DENIED; JANUS_AGENT_STALE when it cannot be resolved any more; JANUS_AGENT_FROZEN
   */
  approve(request: ApproveRequest): Promise<DecisionAnswer>
  /** Rejects; what is approved already only with `withdraw`. @throws JANUS_AGENT_ALREADY_DECIDED; JANUS_AGENT_DIGEST_MISMATCH */
  reject(request: RejectRequest): Promise<DecisionAnswer>
  /** Takes a proposal back before it runs. @throws JANUS_AGENT_ALREADY_DECIDED; JANUS_AGENT_TRANSITION_ILLEGAL */
  cancel(request: ReasonRequest): Promise<ProposalRecord>
  /** Puts a proposal that waited too long or was suspended up for review again, without the decisions it had. @throws JANUS_AGENT_TRANSITION_ILLEGAL */
  resubmit(request: ReasonRequest): Promise<ProposalRecord>
  /** Says how an execution ended that a crash left unknown. @throws JANUS_AGENT_TRANSITION_ILLEGAL */
  reconcile(request: ReconcileRequest): Promise<ProposalRecord>
  /**
   * Runs the rollback that was approved with an action, after it ran: once, in the sandbox, by the process that executes.
   * @throws JANUS_AGENT_IDENTITY_REFUSED; JANUS_AGENT_NOT_PERMITTED where nothing is executed, or none was approved; JANUS_AGENT_STALE; JANUS_AGENT_ALREADY_CONSUMED;
   * JANUS_AGENT_TRANSITION_ILLEGAL for what never ran, or still runs
   */
  rollback(request: ReasonRequest): Promise<RollbackAnswer>
  /**
   * One cycle of thinking, in the process that has the record open: what is proposed is proposed by the agent. For owners and deciders; whoever asks while one is under way gets that one.
   * @throws JANUS_AGENT_NOT_PERMITTED where nothing thinks
   */
  think(): Promise<ThinkingReport>
  status(): Promise<AgentStatus>
  /** The mode, and the gate to the next one with each of its conditions. */
  showMode(): Promise<ModeAnswer>
  /** Raises the mode when its gate is open. @throws JANUS_AGENT_GATE_CLOSED naming the conditions; JANUS_AGENT_SIGNATURE_INVALID */
  promoteMode(request: PromoteModeRequest): Promise<ModeAnswer>
  /** Lowers the mode at once: anybody who may decide may do that. */
  demoteMode(request: DemoteModeRequest): Promise<ModeAnswer>
  /** What risk, policy and mode say of an action. Records nothing. */
  explainPolicy(request: ExplainPolicyRequest): Promise<PolicyExplanation>
  /**
   * Proposes a change of the rules: of high risk, signed where keys are enrolled, in effect after its review time unless it is stricter.
   * @throws JANUS_AGENT_PROPOSAL_INVALID for one that changes nothing or names what is not in force; JANUS_AGENT_QUEUE_FULL
   */
  proposeChange(request: ProposeChangeRequest): Promise<ProposalRecord>
  /** What changes of the rules rest on: digests of what is in force, and the settings. */
  showRules(): Promise<RulesAnswer>
  listKeys(): Promise<readonly EnrolledKey[]>
  /**
   * Enrols a key: at once while there is none at all and whoever asks is root or the owner of the record, else as a proposal of high risk.
   * @throws JANUS_AGENT_KEY_INVALID
   */
  enrolKey(request: EnrolKeyRequest): Promise<ChangeAnswer>
  /** Revokes a key, at once: what it approved and has not run goes stale. The last key and that of a recommender only after review, but for the owner of the record. @throws JANUS_AGENT_KEY_INVALID */
  revokeKey(request: RevokeKeyRequest): Promise<ChangeAnswer>
  /** Verifies the files of the record from their first byte. */
  verifyRecord(): Promise<RecordVerification>
  /**
   * Accepts a record that came from a copy: everything approved in it is void. Root or the owner of the record only.
   * @throws JANUS_AGENT_TRANSITION_ILLEGAL when it is not frozen
   */
  thaw(request: ThawRequest): Promise<AgentStatus>
  /**
   * Stops everything, at once and until a person lifts it: whoever may decide may do that.
   * @returns what was ended and suspended
   */
  stop(request: StopRequest): Promise<StopReport>
  /**
   * Lifts the stop: what was suspended stays so, and the mode is alpha. Whoever may decide may do that; the process that was stopped cannot.
   * @throws JANUS_AGENT_TRANSITION_ILLEGAL when nothing stands; JANUS_AGENT_STOPPED while the daemon that was stopped is still ending; JANUS_AGENT_FROZEN
   */
  resume(request: ResumeRequest): Promise<AgentStatus>
  /** Ends the critical stage of the relief valve, as only a person who may decide can. @throws JANUS_AGENT_TRANSITION_ILLEGAL when it is in another one */
  resetRelief(request: ResumeRequest): Promise<AgentStatus>
  /** Calls back for each proposal that was created or moved from now on, until `close()`, or until the agent is gone: then `ended` settles. */
  watch(request: WatchRequest, onChange: (row: ProposalRow) => void): Promise<Watching>
  /** Ends the connection, or closes the record. Safe to call twice. */
  close(): Promise<void>
}

/** Names of the requests that one answer follows, as they cross the socket. */
export type AgentMethod = Exclude<keyof Agent, 'via' | 'watch' | 'close'>

/** Asks for {@link Agent.propose}. */
export interface ProposeRequest {
  /** As the author wrote it, see `parseProposalDraft`. */
  readonly draft: JsonValue
}

/** Names one proposal. */
export interface ProposalRequest {
  /** Whole id: a part of one names nothing, so that no look-alike is taken for it. */
  readonly proposal: string
}

/** Names one proposal and says why. */
export interface ReasonRequest extends ProposalRequest {
  readonly reason: string
}

/** Which proposals are wanted. */
export interface ListRequest {
  /** Default: all but drafts. */
  readonly statuses?: readonly ProposalStatus[]
  /** Name of a tool or id of a module. */
  readonly source?: string
  /** 1 to 1000; default 50. */
  readonly limit?: number
}

/** Asks for {@link Agent.review}. */
export interface ReviewRequest extends ProposalRequest {
  /** How the commands that the card prints begin. Default: `janus agent`. */
  readonly program?: 'janus agent' | 'ubos'
}

/** Asks for {@link Agent.approve}. */
export interface ApproveRequest extends ProposalRequest {
  /** The digest that was read: all 64 hexadecimal digits, or at least the first 8. */
  readonly digest: string
  /** Approve although it waited longer than the timeout. */
  readonly allowStale?: boolean
  /** Free text that goes with it, `first_citizen`: a label, no identity. */
  readonly label?: string
  readonly signed?: SignedDecision
}

/** Asks for {@link Agent.reject}. */
export interface RejectRequest extends ReasonRequest {
  /** Compared when given. */
  readonly digest?: string
  /** Also when it is approved and does not run yet. */
  readonly withdraw?: boolean
  readonly label?: string
  readonly signed?: SignedDecision
}

/** Makes a decision that of the holder of a key, whoever delivers it. */
export interface SignedDecision extends Signature {
  /** When it was signed, ISO 8601: part of the statement, see `decisionStatement`. */
  readonly at: string
}

/** Asks for {@link Agent.reconcile}. */
export interface ReconcileRequest extends ReasonRequest {
  readonly outcome: 'completed' | 'failed'
}

/** Asks for {@link Agent.promoteMode}. */
export interface PromoteModeRequest {
  readonly to: OperationalMode
  readonly reason: string
  /** When the statement was signed, ISO 8601. */
  readonly at: string
  readonly signatures: readonly Signature[]
}

/** Asks for {@link Agent.demoteMode}. */
export interface DemoteModeRequest {
  readonly to: OperationalMode
  readonly reason: string
}

/** Asks for {@link Agent.explainPolicy}. */
export interface ExplainPolicyRequest {
  /** A draft as for {@link Agent.propose}. */
  readonly draft: JsonValue
  /** Another policy than the one in force, to try it. */
  readonly policy?: JsonValue
}

/** Asks for {@link Agent.proposeChange}. */
export interface ProposeChangeRequest {
  readonly change: GovernanceChange
  readonly rationale: string
}

/** The rules in force. */
export interface RulesAnswer {
  readonly policy: PolicyInForce
  readonly sandboxProfile: string
  readonly playbooks: readonly ApprovedPlaybook[]
  /** Every setting with its value and where it comes from; undefined values are null. */
  readonly settings: readonly {
    readonly key: string
    readonly value: JsonValue
    readonly from: string
    readonly does: string
  }[]
  /** Tools that may be proposed, and those that are configured and cannot be. */
  readonly tools: readonly ToolDescription[]
  readonly missingTools: readonly MissingTool[]
  readonly diagnostics: readonly Diagnostic[]
}

/** A policy with its digest. */
export interface PolicyInForce {
  readonly policy: Policy
  /** SHA-256 over its RFC 8785 JSON. */
  readonly digest: string
}

/** Asks for {@link Agent.enrolKey}. */
export interface EnrolKeyRequest {
  readonly key: EnrolledKey
  readonly rationale: string
}

/** Asks for {@link Agent.revokeKey}. */
export interface RevokeKeyRequest {
  readonly keyId: string
  readonly reason: string
}

/** Asks for {@link Agent.thaw}. */
export interface ThawRequest {
  readonly reason: string
}

/** Asks for {@link Agent.stop}. */
export interface StopRequest {
  readonly reason: string
}

/** Asks for {@link Agent.resume} and {@link Agent.resetRelief}. */
export interface ResumeRequest {
  readonly reason: string
}

/** Which proposals are watched. */
export interface WatchRequest {
  /** Name of a tool or id of a module. */
  readonly source?: string
}

/** A running {@link Agent.watch}. */
export interface Watching {
  readonly ended: Promise<void>
  close(): void
}

/** A proposal in one line. Holds untrusted text. */
export interface ProposalRow {
  readonly id: string
  readonly status: ProposalStatus
  readonly actionType: string
  readonly risk: RiskLevel
  /** Name of the tool, id of the module, or subject of the change. */
  readonly source: string
  readonly rationale: string
  readonly digest: string
  readonly createdAt: string
  readonly updatedAt: string
  readonly timedOut: boolean
  /** Approvals it has, and how many it needs. */
  readonly approvals: number
  readonly approvalsNeeded: number
  readonly reason?: { readonly code?: string; readonly text: string }
}

/** What a reviewer reads. */
export interface ReviewAnswer {
  readonly record: ProposalRecord
  /** The review card: fit for a terminal as it is. */
  readonly card: string
  /** What would really run now; null when it cannot be resolved, then `problems` says why. */
  readonly action: ResolvedAction | null
  readonly rollback: ResolvedAction | null
  /** What stands in the way of an execution as things are. */
  readonly problems: readonly string[]
  readonly approvalsNeeded: number
  /** Where the record is, for a statement to be signed. */
  readonly vesselId: string
  readonly recordId: string
}

/** What became of a decision. */
export interface DecisionAnswer {
  readonly proposal: string
  readonly status: ProposalStatus
  readonly decision: Decision
  readonly approvals: number
  readonly approvalsNeeded: number
  /** Until when it may run; absent while approvals are missing. */
  readonly expires?: string
}

/** What became of a rollback. */
export interface RollbackAnswer {
  /** The proposal, as it stands now. */
  readonly record: ProposalRecord
  /** Of the rollback. Holds untrusted text. */
  readonly result: ExecutionResult
}

/** What the agent is and does, in short. */
export interface AgentStatus {
  readonly vesselId: string
  readonly recordId: string
  /** Set when the record must not be worked on, see JANUS_AGENT_FROZEN. */
  readonly frozen: string | null
  /** Why everything stands still; null when nothing does. `stop` tells what is on the record of it. */
  readonly emergency: { readonly because: string; readonly stop: StandingStop | null } | null
  /** The process that has the record open. */
  readonly process: { readonly pid: number; readonly since: string; readonly purpose: string }
  readonly mode: OperationalMode
  readonly permission: EffectivePermission
  readonly counts: Readonly<Record<ProposalStatus, number>>
  readonly oldestPending: string | null
  readonly violations: number
  readonly scheduled: readonly { readonly proposal: string; readonly subject: string; readonly effectiveFrom: string }[]
  readonly lastSeq: number
  readonly lastAt: string | null
  readonly checkpoint: { readonly size: number; readonly at: string } | null
  /** What keeps it from making proposals of its own; absent where nothing thinks. */
  readonly obstacles?: readonly Obstacle[]
  /** Views of the record that are not written, and why. */
  readonly viewProblems: readonly { readonly path: string; readonly summary: string }[]
  /** Governor, relief valve and what else holds the executor back; absent where no executor runs. */
  readonly controls?: ControlsState
  /** What the daemon does; null where none runs. */
  readonly daemon: DaemonState | null
}

/** The mode as it is. */
export interface ModeAnswer {
  readonly mode: OperationalMode
  readonly permission: EffectivePermission
  /** The gate to the next mode; null in omega. */
  readonly gate: ModeGate | null
}

/** What the rules say of one action. */
export interface PolicyExplanation {
  readonly risk: ComputedRisk
  readonly verdict: PolicyVerdict
  readonly permission: EffectivePermission
}

/** Whether a change of the rules is in effect, or waits for its review. */
export type ChangeAnswer =
  | { readonly effect: 'immediate' }
  | { readonly effect: 'proposed'; readonly record: ProposalRecord }

/** What verifying the record found; the same as core's for a ledger in segments. */
export interface RecordVerification {
  readonly intact: boolean
  readonly records: number
  readonly lastSeq: number
  readonly lastHash: string
  readonly damage: string | null
}

/** Who asks. */
export interface Caller {
  readonly actor: Actor
  /** True for root and for the owner of the record. */
  readonly owner: boolean
}
