export type {
  Change,
  ChangeCommon,
  ChangeKind,
  Condition,
  CreateDirectory,
  ExpectedFailure,
  FileContent,
  FileState,
  LoadKernelModule,
  Loss,
  PlannedChange,
  RemoveDirectory,
  RemoveFile,
  RunCommand,
  Undo,
  UndoChange,
  UnloadKernelModule,
  WriteAttribute,
  WriteFile,
  WriteLink,
} from './contract/change.js'
export type { CheckReport, ModuleFindings } from './contract/check-report.js'
export type { ConformanceReport, ConformanceResult, TestModuleOptions } from './contract/conformance-report.js'
export type { ContributedCheck, ContributedCheckContext, ContributedCheckModule } from './contract/contributed-check.js'
export type {
  ContributedCommand,
  ContributedCommandContext,
  ContributedCommandModule,
  ContributedCommandResult,
} from './contract/contributed-command.js'
export { defineModule, isJanusModule } from './contract/define-module.js'
export type { Diagnostic } from './contract/diagnostic.js'
export type { CoreCopy, DoctorReport, HostTool } from './contract/doctor-report.js'
export type { JanusEvents } from './contract/events.js'
export type { Executor, RunOptions, RunResult } from './contract/executor.js'
export type {
  Extension,
  ExtensionPreview,
  Extensions,
  PackageContents,
  PinnedState,
  TrustReview,
} from './contract/extensions.js'
export type { Evidence, Finding, FindingStatus } from './contract/finding.js'
export type { FoundTool } from './contract/found-tool.js'
export type { Hand, HandAnswer, HandOrder, Machine, ProcessIdentity } from './contract/hand.js'
export type { Host, HostStat, Reading, UnreadableReason } from './contract/host.js'
export type {
  DeviceUse,
  DeviceUseKind,
  Inventory,
  InventoryDevice,
  IommuGroup,
  PciDevice,
  PciRole,
} from './contract/inventory.js'
export { DEVICE_USE_KINDS } from './contract/inventory.js'
export type {
  ApplyOptions,
  Deadlines,
  Janus,
  JanusOptions,
  ModuleSource,
  PlanSettings,
  RollbackOptions,
} from './contract/janus.js'
export type { LogFields, Logger } from './contract/logger.js'
export type { Manifest, ManifestModule } from './contract/manifest.js'
export type { CheckContext, JanusModule, ModuleContext, ModuleDefinition, ModuleMetadata } from './contract/module.js'
export type { ModuleDescription, ModuleRow } from './contract/module-row.js'
export type {
  CompletedCommand,
  CompletedModuleOption,
  CompletedOption,
  CompletedValues,
  PackageCompletion,
} from './contract/package-completion.js'
export { isPciAddress, type PciAddress, type PciAddressParse, parsePciAddress } from './contract/pci-address.js'
export type { Fact, FactRead, JsonValue, Plan, PlanOrigin, PlanSource } from './contract/plan.js'
export type {
  ApplyProfileOptions,
  ModuleDifferences,
  PlannedModule,
  PlannedProfile,
  Profile,
  ProfileDiff,
  ProfileDifference,
  ProfileEntry,
  ProfileFile,
  ProfileRow,
  WaitingModule,
} from './contract/profile.js'
export type { DescriptorHolder, Queries, Query, QueryAnswer, QueryName } from './contract/query.js'
export type { Isolation } from './contract/runnable-module.js'
export type { Snapshot, SnapshotEntry } from './contract/snapshot.js'
export { ERROR_BRAND, JANUS_BRAND, MODULE_BRAND, SUPPORTED_MODULE_API } from './contract/symbols.js'
export type {
  ArgumentGrammar,
  ArgumentOption,
  ArgumentPositional,
  ArgumentValue,
  ManifestTool,
  ToolDeclaration,
  ToolManifest,
  ToolSideEffects,
} from './contract/tool.js'
export type {
  CpuCache,
  CpuCore,
  CpuKind,
  CpuPackage,
  CpuThread,
  NumaNode,
  PciLocality,
  Topology,
  TopologyProblem,
} from './contract/topology.js'
export type {
  ApplyReport,
  DriftEntry,
  RecoverReport,
  StatusReport,
  StepOutcome,
  StepReport,
  TransactionActor,
  TransactionState,
  TransactionSummary,
  UndoReport,
} from './contract/transaction.js'
export { ERROR_CODES, type ErrorCode, type ExitCode, type JanusErrorCode } from './errors/codes.js'
export {
  defineErrors,
  diagnosticOf,
  type ErrorMaker,
  exitCodeOf,
  isJanusError,
  type JanusError,
  type JanusErrorDetails,
  janusError,
} from './errors/janus-error.js'
export {
  createLocalExecutor,
  createRecordingExecutor,
  type RecordedCall,
  type RecordingExecutor,
} from './executor/index.js'
export { createLiveHost, type LiveHostOptions } from './host/live-host.js'
export { openHost } from './host/open-host.js'
export { createSnapshotHost } from './host/snapshot-host.js'
export * from './inventory/index.js'
export { createJanus } from './janus.js'
export { janusVersion } from './janus-version.js'
export {
  combineLoggers,
  createFileLogger,
  createNullLogger,
  createStderrLogger,
  type EscapeOptions,
  escapeForTerminal,
  type FileLogger,
  type FileLoggerOptions,
  isSecretName,
  REDACTED,
  redact,
  type StderrLoggerOptions,
} from './logging/index.js'
export { contentDigest } from './plan/file-state.js'
export { lossesOf } from './plan/losses.js'
export { runsAsRoot } from './plan/runs-as-root.js'
export { subjectsOf } from './plan/subjects.js'
export { codeDigest } from './tools/code-digest.js'
export { describeChange } from './transaction/describe-change.js'
