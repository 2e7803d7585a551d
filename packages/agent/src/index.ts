export type { Action, GovernanceAction, ModuleAction, ToolAction } from './contract/action.js'
export type { Actor, EnrolledKey, KeyRole, Signature } from './contract/actor.js'
export type {
  Agent,
  AgentMethod,
  AgentStatus,
  ApproveRequest,
  Caller,
  ChangeAnswer,
  DecisionAnswer,
  DemoteModeRequest,
  EnrolKeyRequest,
  ExplainPolicyRequest,
  ListRequest,
  ModeAnswer,
  PolicyExplanation,
  PromoteModeRequest,
  ProposalRequest,
  ProposalRow,
  ProposeRequest,
  ReasonRequest,
  ReconcileRequest,
  RecordVerification,
  RejectRequest,
  ReviewAnswer,
  ReviewRequest,
  RevokeKeyRequest,
  SignedDecision,
  ThawRequest,
  Watching,
  WatchRequest,
} from './contract/agent.js'
export { AGENT_REQUESTS } from './contract/agent-requests.js'
export type { Clock } from './contract/clock.js'
export type { ExecutionOutcome, ExecutionResult } from './contract/execution.js'
export type { GovernanceChange } from './contract/governance.js'
export {
  type EffectivePermission,
  type GateCondition,
  type ModeAuthorisation,
  type ModeEvidence,
  type ModeGate,
  OPERATIONAL_MODES,
  type OperationalMode,
} from './contract/mode.js'
export type { ApprovedPlaybook, Metrics, Playbook, PlaybookStep, TriggerCondition } from './contract/playbook.js'
export type {
  ArgumentPattern,
  Policy,
  PolicyConditions,
  PolicyConsideration,
  PolicyRule,
  PolicyVerdict,
  TimeWindow,
} from './contract/policy.js'
export {
  type Decision,
  type Novelty,
  PROPOSAL_STATUSES,
  type Proposal,
  type ProposalContent,
  type ProposalRecord,
  type ProposalStatus,
} from './contract/proposal.js'
export { type ComputedRisk, RISK_LEVELS, type RiskLevel, type RiskReason } from './contract/risk.js'
export type {
  ExecutionLimits,
  ResolvedAction,
  ResolvedBinary,
  ResolvedGovernance,
  ResolvedPlan,
  ResolvedTool,
  Warrant,
} from './contract/warrant.js'
export { AGENT_ERROR_CODES, type AgentErrorCode } from './errors/agent-error.js'
export type { AgentEvent, AgentEvents, AgentEventType, RecordedEvent } from './record/agent-event.js'
export {
  type AgentRecord,
  type Commit,
  type OpenAgentRecordOptions,
  openAgentRecord,
} from './record/agent-record.js'
export type {
  AgentState,
  EndedProposal,
  ModeState,
  RecentExecution,
  RecentProposal,
  ScheduledChange,
  ViolationState,
} from './record/agent-state.js'
export { memoryRecordStore } from './record/memory-record-store.js'
export type { OpenRecordStore, RecordStore } from './record/record-store.js'
