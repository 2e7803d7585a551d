/** How a program is run. No shell is ever involved; the environment is what is given here and nothing else. */
export interface RunOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
  /** Milliseconds until the whole process group is ended. */
  readonly timeout?: number
  /** Bytes kept of each of stdout and stderr; the rest is dropped and `truncated` set. */
  readonly maxOutput?: number
  readonly signal?: AbortSignal
}

/** How a program ended. Exactly one of `exitCode` and `signal` is defined unless it never started. */
export interface RunResult {
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly stdout: string
  readonly stderr: string
  /** Milliseconds from start to end, monotonic. */
  readonly durationMs: number
  readonly truncated: boolean
  readonly timedOut: boolean
}

/** Runs programs: locally, recorded, or (in the agent) in a sandbox. */
export interface Executor {
  /**
   * Runs one program to its end.
   * @param command program name or absolute path
   * @param args passed as they are, one argv element each
   * @throws JANUS_EXECUTOR_NOT_FOUND, JANUS_EXECUTOR_SPAWN_FAILED, JANUS_EXECUTOR_CANCELLED. A non-zero exit or a timeout is a result.
   */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult>
}
