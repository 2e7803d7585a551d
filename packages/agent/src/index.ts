export { alreadyDecided, nameOf, type Settled } from './approval/already-decided.js'
export { type ApprovalRules, approvalsNeeded, approvalsOf, requireDecider } from './approval/approval-rules.js'
export { createNotifier, type Notifier } from './approval/create-notifier.js'
export { type DecisionContext, type DecisionRequest, decideProposal } from './approval/decide-proposal.js'
export { type ExpiryTerms, expireProposals } from './approval/expire-proposals.js'
export { type MoveOptions, type MoveRequest, moveProposal } from './approval/move-proposal.js'
export { type NotificationScript, notifyApprovers } from './approval/notify-approvers.js'
export { recoverExecutions } from './approval/recover-executions.js'
export { samePerson } from './approval/same-person.js'
export {
  type AuditReport,
  type AuditReportOptions,
  auditReport,
  type DecisionsReported,
  type ExecutionsReported,
  type Listed,
  type ModeChangeReported,
  type ProposalsReported,
  type RefusalsReported,
  type RuleChangeReported,
  type ViolationReported,
} from './audit/audit-report.js'
export { auditText, verificationText } from './audit/audit-text.js'
export {
  checkpointFile,
  type SignedRecordCheckpoint,
  type SignRecordCheckpointOptions,
  signRecordCheckpoint,
} from './audit/sign-record-checkpoint.js'
export {
  type RecordFilesVerification,
  type RecordProblem,
  type VerifyRecordFilesOptions,
  verifyRecordFiles,
} from './audit/verify-record-files.js'
export * from './auto/index.js'
export { configuredStopFile, emergencyStop } from './configured/emergency-stop.js'
export { type ConfiguredWith, governBySettings } from './configured/govern-by-settings.js'
export {
  type ConfiguredAgentOptions,
  openConfiguredAgent,
  openConfiguredLocalAgent,
  readConfiguredAgent,
} from './configured/open-configured-agent.js'
export { overdueMaintenance } from './configured/overdue-maintenance.js'
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
  PolicyInForce,
  PromoteModeRequest,
  ProposalRequest,
  ProposalRow,
  ProposeChangeRequest,
  ProposeRequest,
  ReasonRequest,
  ReconcileRequest,
  RecordVerification,
  RejectRequest,
  ResumeRequest,
  ReviewAnswer,
  ReviewRequest,
  RevokeKeyRequest,
  RollbackAnswer,
  RulesAnswer,
  SignedDecision,
  StopRequest,
  ThawRequest,
  Watching,
  WatchRequest,
} from './contract/agent.js'
export { AGENT_REQUESTS } from './contract/agent-requests.js'
export type { Clock } from './contract/clock.js'
export {
  type ControlsState,
  type GovernorState,
  type HostMeasures,
  RELIEF_STAGES,
  type ReliefStage,
  type ReliefState,
  type RunAllowance,
  type RunBacklog,
} from './contract/controls.js'
export type { DaemonState, LoopState } from './contract/daemon.js'
export type { ExecutionOutcome, ExecutionResult } from './contract/execution.js'
export type { GovernanceChange } from './contract/governance.js'
export type { LogEvent, TellEvent } from './contract/log-event.js'
export type {
  MaterialReference,
  Mission,
  MissionDeliverable,
  MissionTask,
  StudyMaterial,
} from './contract/mission.js'
export {
  type EffectivePermission,
  type GateCondition,
  type ModeAuthorisation,
  type ModeEvidence,
  type ModeGate,
  OPERATIONAL_MODES,
  type OperationalMode,
} from './contract/mode.js'
export type { ChatMessage, ChatModel, ModelAnswer, ModelQuestion, ModelUsage } from './contract/model.js'
export type { MonitoringSnapshot } from './contract/monitoring.js'
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
  type EndedExecution,
  type Novelty,
  PROPOSAL_STATUSES,
  type Proposal,
  type ProposalContent,
  type ProposalRecord,
  type ProposalStatus,
  type ShownProposal,
} from './contract/proposal.js'
export { type ComputedRisk, RISK_LEVELS, type RiskLevel, type RiskReason } from './contract/risk.js'
export type {
  Enforcement,
  KeptOutput,
  NetworkRequest,
  RunEnd,
  RunEnding,
  RunProcesses,
  RunSandbox,
  SandboxSelfTest,
  ToolRun,
} from './contract/run.js'
export {
  type BrokenLimit,
  STOP_KINDS,
  type StandingStop,
  type StopCause,
  type StopKind,
  type StopReport,
} from './contract/stop.js'
export type { Obstacle, ThinkingRefusal, ThinkingReport } from './contract/thinking.js'
export type {
  ArgumentGrammar,
  ArgumentOption,
  ArgumentPositional,
  ArgumentValue,
  ToolManifest,
  ToolSideEffects,
} from './contract/tool.js'
export type { MissingTool, ToolDescription } from './contract/tool-description.js'
export type { ToolEntry } from './contract/tool-entry.js'
export type {
  ExecutionLimits,
  ResolvedAction,
  ResolvedBinary,
  ResolvedGovernance,
  ResolvedPlan,
  ResolvedTool,
  Warrant,
} from './contract/warrant.js'
export { type ConnectAgentOptions, connectAgent } from './control/connect-agent.js'
export { type ControlServer, type ServeAgentOptions, serveAgent } from './control/serve-agent.js'
export * from './controls/index.js'
export * from './daemon/index.js'
export { AGENT_ERROR_CODES, type AgentErrorCode } from './errors/agent-error.js'
export * from './executor/index.js'
export { type ApplyContext, applyDueChanges } from './governance/apply-due-changes.js'
export { type RulesInForce, settingsDigest } from './governance/change-base.js'
export { isStricter } from './governance/is-stricter.js'
export { answerChallenge, type ChallengeAnswer } from './identity/answer-challenge.js'
export { type DecisionStatement, decisionStatement } from './identity/decision-statement.js'
export { keyIdOf, requireValidKey } from './identity/key-id.js'
export { type GeneratedKey, generateKey, readPrivateKey, readPublicHalf } from './identity/private-key-file.js'
export { readPassphrase } from './identity/read-passphrase.js'
export { type Statement, signStatement, statementBytes, verifyStatement } from './identity/statement.js'
export { prepareUserChallenges, type UserChallenge, type UserChallenges } from './identity/user-challenge.js'
export { userName } from './identity/user-name.js'
export * from './install/index.js'
export { type ParseJsonOptions, parseJson } from './json/parse-json.js'
export type { AgentParts } from './local/agent-parts.js'
export type { AskedRollback, ExecutionMethods } from './local/execution-methods.js'
export type { AgentGovernance, LocalAgent, LocalAgentOptions, ReadAgent, RollbackRunner } from './local/local-agent.js'
export type { LocalAgentContext } from './local/local-agent-context.js'
export { openLocalAgent } from './local/open-local-agent.js'
export {
  type LocalRecord,
  type OpenLocalRecordOptions,
  openLocalRecord,
  openLocalRecordToRead,
  recordDirectory,
} from './local/open-local-record.js'
export { openAgentToRead, readLocalAgent } from './local/read-local-agent.js'
export { runDirectory } from './local/run-directory.js'
export { createSystemClock, readBootId } from './local/system-clock.js'
export type { ThinkingMethods } from './local/thinking-methods.js'
export * from './missions/index.js'
export { demoteMode, promoteMode } from './mode/change-mode.js'
export { dueModeChanges } from './mode/due-mode-changes.js'
export { effectivePermission, type PermissionSettings } from './mode/effective-permission.js'
export type { LiveConditions } from './mode/live-conditions.js'
export { modeEvidence } from './mode/mode-evidence.js'
export { modeGate, type SignedPromotion } from './mode/mode-gate.js'
export { type ModeStatement, modeStatement } from './mode/mode-statement.js'
export { obstaclesToRule, requireRule } from './mode/permit-rule.js'
export * from './monitoring/index.js'
export * from './network/index.js'
export { localCaller, type OpenAgentOptions, openAgent } from './open-agent.js'
export { matchPlaybook } from './playbook/match-playbook.js'
export { parsePlaybooks, playbookDigestOf } from './playbook/parse-playbooks.js'
export { parseTrigger } from './playbook/parse-trigger.js'
export { defaultPolicy } from './policy/default-policy.js'
export {
  evaluateInShadow,
  evaluatePolicy,
  policyInForce,
  type ShadowVerdict,
} from './policy/evaluate-policy.js'
export { type PolicyInput, policyInput } from './policy/policy-input.js'
export { parsePolicy } from './policy/policy-schema.js'
export { normaliseActionType } from './proposal/normalise-action-type.js'
export {
  type ProposeActionRequest,
  type ProposeContext,
  proposeAction,
  proposeChange,
} from './proposal/propose-action.js'
export {
  type ModelReply,
  type ModelReplyBounds,
  type PlanRequest,
  readModelReply,
} from './proposal/read-model-reply.js'
export type { AgentEvent, AgentEvents, AgentEventType, RecordedEvent } from './record/agent-event.js'
export {
  type AgentRecord,
  type Commit,
  type OpenAgentRecordOptions,
  openAgentRecord,
} from './record/agent-record.js'
export type {
  AgentState,
  DecidedOutcome,
  EndedProposal,
  ModeRequest,
  ModeState,
  RecentExecution,
  RecentProposal,
  ScheduledChange,
  StartedRollback,
  ViolationState,
} from './record/agent-state.js'
export { type Asked, commitOrRefuse, type Refused, requestRefused } from './record/commit-or-refuse.js'
export { findExecution, type PastExecution } from './record/find-execution.js'
export { findProposal, findProposals } from './record/find-proposal.js'
export { findRegression, type HighWaterMark, writeHighWaterMark } from './record/high-water-mark.js'
export { type LedgerRecordStoreOptions, ledgerRecordStore } from './record/ledger-record-store.js'
export { identifyPlace, locateRecord } from './record/locate-record.js'
export { memoryRecordStore } from './record/memory-record-store.js'
export { readOnlyRecordStore } from './record/read-only-record-store.js'
export type { OpenRecordStore, RecordStore } from './record/record-store.js'
export { type ReviewCardInput, reviewCard } from './review/review-card.js'
export { visibleHost, visibleLine, visibleName } from './review/visible-text.js'
export { computeRisk } from './risk/compute-risk.js'
export * from './sandbox/index.js'
export { type AgentSettings, agentSettingsSchema } from './settings/agent-settings.js'
export {
  type EffectiveSetting,
  type EffectiveSettings,
  effectiveSettings,
} from './settings/effective-settings.js'
export { CONFIG_PATHS, type LoadedSettings, loadSettings, parseSettings } from './settings/load-settings.js'
export type { SettingNotes } from './settings/setting.js'
export { type SettingRow, settingAt, settingsTable } from './settings/settings-table.js'
export { agentStateDirectory } from './settings/uses/agent-state-directory.js'
export { approvalRulesOf } from './settings/uses/approval-rules-of.js'
export { type Desk, deskOf } from './settings/uses/desk-of.js'
export { type AgentFiles, filesOf } from './settings/uses/files-of.js'
export { limitsOfSettings } from './settings/uses/limits-of-settings.js'
export { type Missions, missionsOf } from './settings/uses/missions-of.js'
export {
  type BreakerSettings,
  breakerOf,
  type LlamaModelSettings,
  type Model,
  modelOf,
  type ServerModelSettings,
} from './settings/uses/model-of.js'
export { type Monitoring, monitoringOf } from './settings/uses/monitoring-of.js'
export { type Pace, paceOf } from './settings/uses/pace-of.js'
export { type SandboxedRun, type SandboxPolicy, sandboxPolicyOf } from './settings/uses/sandbox-policy-of.js'
export { type Thinking, thinkingOf } from './settings/uses/thinking-of.js'
export { type Vessel, vesselOf } from './settings/uses/vessel-of.js'
export { type WatchRules, watchRulesOf } from './settings/uses/watch-rules-of.js'
export { type Workspaces, workspacesOf } from './settings/uses/workspaces-of.js'
export * from './stop/index.js'
export * from './thinking/index.js'
export * from './tools/index.js'
export type { AgentLogDetail } from './views/agent-log-line.js'
export type { ViewOptions } from './views/open-views.js'
export type { ViewPaths } from './views/view-paths.js'
export { type ConsumeContext, consumeWarrant } from './warrant/consume-warrant.js'
export { endExecution } from './warrant/end-execution.js'
export { type EndedRollback, endRollback } from './warrant/end-rollback.js'
export { HARD_LIMITS, type LimitTier, leastLimits } from './warrant/execution-limits.js'
export {
  issueWarrant,
  type Moment,
  sealWarrant,
  type WarrantInput,
  type WarrantTerms,
} from './warrant/issue-warrant.js'
export { type ResolveContext, type ResolvedProposal, resolveProposal } from './warrant/resolve-action.js'
export {
  type DigestCache,
  type MeasuredProgram,
  measureProgram,
  PROGRAM_DIRECTORIES,
  type ResolveBinaryOptions,
  resolveBinary,
} from './warrant/resolve-binary.js'
export { type ResolveToolContext, resolveTool } from './warrant/resolve-tool.js'
export { type RollbackRequest, rollbackNonce, startRollback } from './warrant/start-rollback.js'
export { type ClocksNow, hasExpired } from './warrant/warrant-age.js'
export { WARRANT_SCHEMA } from './warrant/warrant-schema.js'
