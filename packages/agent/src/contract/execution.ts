import type { JsonValue } from '@janus/core'

/** How an execution ended. `failed-dirty`: its rollback failed too. */
export type ExecutionOutcome = 'completed' | 'failed' | 'failed-dirty' | 'unknown' | 'suspended'

/** What is recorded of an execution. */
export interface ExecutionResult {
  readonly outcome: ExecutionOutcome
  /** Code of a refusal or failure. */
  readonly code?: string
  readonly summary: string
  readonly exitStatus: number | null
  readonly runtimeSeconds: number
  /** SHA-256 of the arguments' canonical JSON and of all output that was read. */
  readonly argumentsHash: string
  readonly outputDigest: string
  readonly cpuPercent: number | null
  readonly memoryMb: number | null
  /** What was really enforced, and what else the executor tells. */
  readonly details: Readonly<Record<string, JsonValue>>
}
