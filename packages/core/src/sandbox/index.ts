export { createSandbox, type Sandbox } from './create-sandbox.js'
export { holdMounts } from './hold-mounts.js'
export { launchedChild } from './launched-child.js'
export type { SandboxStorage } from './launcher-command.js'
export { type OutputPair, type OutputPairs, type OutputReader, openOutputPairs } from './output-reader.js'
export { createPipeReaders, type PipeReaders } from './pipe-readers.js'
export {
  type HeldLaunch,
  type LaunchedProgram,
  type Preparation,
  type PrepareSandbox,
  prepareLaunch,
} from './prepare-launch.js'
export {
  type PreparationSettings,
  type PreparedLaunch,
  type PreparedProgram,
  type PreparedSandbox,
  prepareSandbox,
} from './prepare-sandbox.js'
export { probeSandbox, type SandboxFacts, type SandboxSettings } from './probe-sandbox.js'
export { isReachableBy } from './reachable-by.js'
export { readShortFile } from './read-short-file.js'
export { programOf, type SandboxStatus } from './read-status.js'
export { resolveBinds } from './resolve-binds.js'
export type { SandboxTools } from './run-sandboxed.js'
export { limitArguments, type ResolvedBind } from './sandbox-arguments.js'
export type { SandboxIdentity } from './sandbox-identity.js'
export {
  CHANNEL_DESCRIPTOR,
  limitsOf,
  type SandboxBind,
  type SandboxLimits,
  type SandboxRequest,
  type SandboxResult,
} from './sandbox-request.js'
export type { SocketFamily } from './seccomp-program.js'
export { type SupervisedEnd, type Supervision, superviseChild } from './supervise-child.js'
export type { SandboxArchitecture } from './system-calls.js'
export { type SystemDirectory, systemDirectories } from './system-directories.js'
