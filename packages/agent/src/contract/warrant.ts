import type { Actor } from './actor.js'
import type { OperationalMode } from './mode.js'

/** What an approval permits, once: exactly this, in these bounds, until then. Any difference at the moment of execution makes it stale. */
export interface Warrant {
  readonly schema: 'janus.warrant/1'
  /** 32 random bytes, hexadecimal; used up by the first execution. */
  readonly nonce: string
  readonly vesselId: string
  /** Id of the record it was issued in: a copy of the record elsewhere honours none. */
  readonly recordId: string
  readonly proposalId: string
  readonly proposalDigest: string
  readonly action: ResolvedAction
  readonly rollback: ResolvedAction | null
  /** Digests of what it was approved under; null where none applies. */
  readonly policy: string
  readonly playbook: string | null
  readonly config: string
  readonly sandboxProfile: string
  readonly mode: OperationalMode
  readonly approvers: readonly Actor[]
  /** ISO 8601. */
  readonly notBefore: string
  readonly expires: string
  /** Boot id when it was issued, and the monotonic clock then in milliseconds: within one boot its age is measured by that too. */
  readonly bootId: string | null
  readonly monotonic: number
  readonly attempts: 1
  /** SHA-256 over the RFC 8785 JSON of everything above. */
  readonly digest: string
}

/** An action with everything that decides what will really run. */
export type ResolvedAction = ResolvedTool | ResolvedPlan | ResolvedGovernance

/** A tool run, resolved. */
export interface ResolvedTool {
  readonly kind: 'tool'
  readonly tool: string
  readonly binary: ResolvedBinary
  /** Everything behind the program's name. */
  readonly argv: readonly string[]
  /** Digest of the tool's manifest or entry in the configuration. */
  readonly manifest: string
  /** Id of the workspace, relative to the workspace root. */
  readonly workspace: string
  /** Names of the variables it is given. */
  readonly environment: readonly string[]
  readonly limits: ExecutionLimits
  readonly network: readonly string[]
}

/** A program on the disk. */
export interface ResolvedBinary {
  readonly path: string
  readonly device: number
  readonly inode: number
  readonly size: number
  /** Nanoseconds since the epoch, decimal. */
  readonly modified: string
  readonly sha256: string
}

/** A plan of a module, resolved. */
export interface ResolvedPlan {
  readonly kind: 'module'
  readonly planDigest: string
  readonly accept: readonly string[]
}

/** A change of the rules, resolved. */
export interface ResolvedGovernance {
  readonly kind: 'governance'
  readonly changeDigest: string
  /** Earliest time of effect, ISO 8601. */
  readonly effectiveFrom: string
}

/** Bounds of one run. */
export interface ExecutionLimits {
  readonly cpuSeconds: number
  readonly wallSeconds: number
  readonly memoryBytes: number
  readonly diskBytes: number
  readonly cpuPercent: number
  readonly processes: number
}
