/** How far a loop of the daemon has come. */
export interface LoopState {
  readonly name: string
  /** Rounds that were completed. */
  readonly rounds: number
  /** Why the last round failed; null when it did not. */
  readonly problem: string | null
}

/** What a daemon is doing. */
export interface DaemonState {
  readonly loops: readonly LoopState[]
  /** Proposals that run now. */
  readonly running: readonly string[]
  /** Whether every loop goes round and the record can be written, as it was last found. */
  readonly healthy: boolean
}
