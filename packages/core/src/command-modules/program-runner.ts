/** A program to run for a question: `meta` or `check`. It changes nothing, or ought not to. */
export interface ProgramCall {
  /** Absolute path. */
  readonly command: string
  readonly args: readonly string[]
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>
  /** Absolute paths that it may read, besides the operating system's programs and libraries. */
  readonly reads: readonly string[]
  /** Whether it looks at the machine: /sys, and the few files of /etc that describe it. */
  readonly looksAtMachine: boolean
  /** Milliseconds until it is ended, with everything it started. */
  readonly timeout: number
  readonly signal?: AbortSignal
}

/** How a program ended. */
export interface ProgramEnd {
  readonly exitCode: number | undefined
  readonly signal: string | undefined
  readonly stdout: string
  readonly stderr: string
  readonly timedOut: boolean
  /** True when it wrote more than is kept. */
  readonly truncated: boolean
}

/** Runs programs for questions: in a sandbox, or, where somebody chose so, as they are. */
export interface ProgramRunner {
  readonly isolation: 'sandbox' | 'subprocess'
  /**
   * Runs one program to its end, its standard input empty.
   * @throws JANUS_SANDBOX_UNAVAILABLE, JANUS_EXECUTOR_NOT_FOUND, JANUS_EXECUTOR_SPAWN_FAILED, JANUS_EXECUTOR_CANCELLED
   */
  run(call: ProgramCall): Promise<ProgramEnd>
}

/** Bytes kept of each stream of a program. */
export const MOST_OUTPUT = 1_048_576
