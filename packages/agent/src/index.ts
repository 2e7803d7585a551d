export {
  type AgentGovernance,
  type LocalAgent,
  type LocalAgentContext,
  type LocalAgentOptions,
  openAgentToRead,
  openLocalAgent,
  type RollbackRunner,
  runDirectory,
} from './agent.js'
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
export { type AutoExecutor, type AutoExecutorOptions, createAutoExecutor } from './auto/create-auto-executor.js'
export { createFailureAlerts, type FailureAlert, type FailureAlerts } from './auto/failure-alert.js'
export { followPlaybooks, isPlaybookUnderWay, type PlaybookPlace, type PlaybookSteps } from './auto/playbook-steps.js'
export { configuredStopFile, emergencyStop } from './configured/emergency-stop.js'
export { type ConfiguredWith, governBySettings } from './configured/govern-by-settings.js'
export {
  type ConfiguredAgentOptions,
  openConfiguredAgent,
  openConfiguredLocalAgent,
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
  type Novelty,
  PROPOSAL_STATUSES,
  type Proposal,
  type ProposalContent,
  type ProposalRecord,
  type ProposalStatus,
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
export { AGENT_ERROR_CODES, type AgentErrorCode } from './errors/agent-error.js'
export {
  createExecutionQueue,
  type ExecutionQueue,
  type ExecutionQueueOptions,
} from './executor/create-execution-queue.js'
export { createExecutor, type Execution, type ToolExecutor } from './executor/create-executor.js'
export { type DescribedExecution, describeExecution } from './executor/describe-execution.js'
export type { ExecutingAgent, ExecutorOptions, ExecutorTools, PlanRunner } from './executor/executor-options.js'
export { type Reconciled, reconcileUnknown } from './executor/reconcile-unknown.js'
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
export {
  type LocalRecord,
  type OpenLocalRecordOptions,
  openLocalRecord,
  openLocalRecordToRead,
  recordDirectory,
} from './local/open-local-record.js'
export { createSystemClock, readBootId } from './local/system-clock.js'
export type { ThinkingMethods } from './local/thinking-methods.js'
export { type Acknowledgement, readAcknowledgement } from './missions/acknowledgement.js'
export { type HandedOver, parseHandOver } from './missions/hand-over-files.js'
export { isDelivered, type MissionOutcome, type MissionProgress, missionOutcome } from './missions/mission-outcome.js'
export {
  MISSION_SEQUENCE,
  type MissionSequence,
  readMissionSequence,
  type SequenceEntry,
} from './missions/mission-sequence.js'
export { isAsked, type MissionSnapshot, missionSnapshot, missionsAsked } from './missions/mission-snapshot.js'
export { createMissionWatch, type MissionWatch, type MissionWatchOptions } from './missions/mission-watch.js'
export { type OrchestrateOptions, type OrchestratorStep, orchestrateMissions } from './missions/orchestrate-missions.js'
export { parseMission } from './missions/parse-mission.js'
export { excerptOf, type MaterialBounds, readMaterial } from './missions/read-material.js'
export { readMissionFile } from './missions/read-mission-file.js'
export { type MissionPayload, missionPayload, stageMission } from './missions/stage-mission.js'
export { createMissionTaker, type MissionTaker, type TakeMissionOptions } from './missions/take-mission.js'
export { demoteMode, promoteMode } from './mode/change-mode.js'
export { dueModeChanges } from './mode/due-mode-changes.js'
export { effectivePermission, type PermissionSettings } from './mode/effective-permission.js'
export type { LiveConditions } from './mode/live-conditions.js'
export { modeEvidence } from './mode/mode-evidence.js'
export { modeGate, type SignedPromotion } from './mode/mode-gate.js'
export { type ModeStatement, modeStatement } from './mode/mode-statement.js'
export { obstaclesToRule, requireRule } from './mode/permit-rule.js'
export * from './monitoring/index.js'
export { type AddressPolicy, createAddressPolicy } from './network/address-policy.js'
export { type AllowedDomains, allowedOf } from './network/allowed-of.js'
export { type DomainEntry, parseDomainEntry } from './network/domain-entry.js'
export { createGuardedLookup, requireAllowedUrl } from './network/guarded-lookup.js'
export { networkEnforcement } from './network/network-enforcement.js'
export { openRunNetwork, type RunNetworkOptions } from './network/open-run-network.js'
export type { Destination } from './network/parse-authority.js'
export type { ProxyLimits } from './network/proxy-pass.js'
export { createRequestBudget, type RequestBudget } from './network/request-budget.js'
export {
  createNetworkPolicy,
  type NetworkPolicy,
  type NetworkPolicyOptions,
  type Resolution,
  type ResolveHost,
} from './network/resolve-destination.js'
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
export { createRunSandbox, type RunNetwork, type RunSandboxOptions } from './sandbox/create-run-sandbox.js'
export { identifyProcess, isStillThere, type ProcessIdentity, signalProcess } from './sandbox/process-identity.js'
export { readWorkspaceFile } from './sandbox/read-workspace-file.js'
export { type RemovedWorkspaces, removeOldWorkspaces } from './sandbox/remove-old-workspaces.js'
export { type CgroupUsage, NO_CGROUPS, type RunCgroup, type RunCgroups } from './sandbox/run-cgroups.js'
export { type SandboxExecutorOptions, sandboxExecutor } from './sandbox/sandbox-executor.js'
export type { ToolUsers } from './sandbox/tool-users.js'
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
export { limitsOfSettings } from './settings/uses/execution-tiers.js'
export { type AgentFiles, filesOf } from './settings/uses/files-of.js'
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
export { causeOfFile, WATCH } from './stop/cause-of-file.js'
export {
  createEmergencyStop,
  DRAIN,
  type EmergencyStop,
  type EmergencyStopOptions,
} from './stop/create-emergency-stop.js'
export { type EndedRuns, endRuns, type KnownProcess, killRuns, type RunsOf, runningProcesses } from './stop/end-runs.js'
export { guardSandbox, type RunGuard } from './stop/guard-sandbox.js'
export { lowerStopFiles } from './stop/lower-stop-files.js'
export { raiseStopFile } from './stop/raise-stop-file.js'
export { recordLimitViolation } from './stop/record-limit-violation.js'
export { clearRegister, registeredRuns, registerRun } from './stop/run-register.js'
export { findStop, STOP_FILE, stopFiles } from './stop/stop-files.js'
export { type StopFromOutside, stopFromOutside, type WouldStop, wouldStop } from './stop/stop-from-outside.js'
export { startBeating } from './stop/supervisor/beat.js'
export { type NotedProcess, notedProcess, noteProcess } from './stop/supervisor/process-note.js'
export { runSupervisor, type Supervisor, type SupervisorOptions } from './stop/supervisor/run-supervisor.js'
export {
  type RunningSupervisor,
  type StartSupervisorOptions,
  startSupervisor,
} from './stop/supervisor/start-supervisor.js'
export { watchdogNotes } from './stop/supervisor/watchdog-notes.js'
export { type StopWatch, type WatchStopFilesOptions, watchStopFiles } from './stop/watch-stop-files.js'
export { type ViolationRules, watchViolations } from './stop/watch-violations.js'
export type { MadePlan } from './thinking/ask-for-drafts.js'
export { buildPrompt, type ModuleSummary, type PromptInput, type ToolSummary } from './thinking/build-prompt.js'
export { type BreakerState, type CircuitBreaker, createCircuitBreaker } from './thinking/circuit-breaker.js'
export { createLlamaModel, type LlamaModelOptions, type LlamaRunner } from './thinking/create-llama-model.js'
export { type CreateModelOptions, createModel } from './thinking/create-model.js'
export { createScriptedModel } from './thinking/create-scripted-model.js'
export { createServerModel, type ServerModelOptions } from './thinking/create-server-model.js'
export {
  type CreateThinkerOptions,
  createThinker,
  THINKING_CYCLE,
  type Thinker,
  type ThinkerParts,
} from './thinking/create-thinker.js'
export { obstaclesToThinking, type ThinkingConditions } from './thinking/obstacles-to-thinking.js'
export { type ThinkOptions, thinkOnce } from './thinking/think-once.js'
export { type ContextInput, type ThinkingContext, thinkingContext } from './thinking/thinking-context.js'
export { toolSummaries } from './thinking/tool-summaries.js'
export { type WhyNoProposals, whyNoProposals } from './thinking/why-no-proposals.js'
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
