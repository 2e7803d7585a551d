export { createSandbox, type Sandbox } from './create-sandbox.js'
export type { PrepareSandbox } from './prepare-launch.js'
export { probeSandbox, type SandboxFacts, type SandboxSettings } from './probe-sandbox.js'
export type { SandboxTools } from './run-sandboxed.js'
export { limitArguments } from './sandbox-arguments.js'
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
