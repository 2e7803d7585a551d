import type { AgentSettings } from '../agent-settings.js'

/** What a tool is shut in by. */
export interface SandboxPolicy {
  /** The sandbox program; absolute path. */
  readonly program: string
  /** User that tools run as; undefined: as whoever runs the agent. */
  readonly user: string | undefined
  /** Whether a run may go without a sandbox where there is none. */
  readonly mayBeMissing: boolean
  /** Absolute paths that every tool may read besides /usr, and write besides its workspace. */
  readonly readOnlyPaths: readonly string[]
  readonly writablePaths: readonly string[]
  /** Names of the variables that every tool is given. */
  readonly preservedEnvironment: readonly string[]
  readonly allowedDomains: ReadonlySet<string>
  /** Requests of all tools together. */
  readonly requests: { readonly perMinute: number; readonly perHour: number }
}

/** For whom a sandbox is made. */
export interface SandboxedRun {
  /** Number of the user that the agent runs as. */
  readonly ownUid: number
  /** No person approved it. */
  readonly automatic: boolean
}

/** The sandbox of a run, by the settings. Nothing that root or no person started goes without one. */
export function sandboxPolicyOf(
  { sandbox, security }: AgentSettings,
  { ownUid, automatic }: SandboxedRun,
): SandboxPolicy {
  const { read_only_paths, writable_paths, preserved_env } = sandbox.policy
  const { allowed_domains, rate_limits } = security.network
  return {
    program: sandbox.bubblewrap_path,
    user: ownUid === 0 ? sandbox.dynamic_user : undefined,
    mayBeMissing: sandbox.allow_unsandboxed_dev && ownUid !== 0 && !automatic,
    readOnlyPaths: read_only_paths,
    writablePaths: writable_paths,
    preservedEnvironment: preserved_env,
    allowedDomains: new Set(allowed_domains),
    requests: { perMinute: rate_limits.requests_per_minute, perHour: rate_limits.requests_per_hour },
  }
}
