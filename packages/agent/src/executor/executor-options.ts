import type { ApplyReport, Plan, TransactionSummary, UndoReport } from '@janus/core'
import type { SandboxBind } from '@janus/core/sandbox'
import type { Clock } from '../contract/clock.js'
import type { RunProcesses, RunSandbox } from '../contract/run.js'
import type { ToolManifest } from '../contract/tool.js'
import type { ToolEntry } from '../contract/tool-entry.js'
import type { LocalAgent } from '../local/local-agent.js'

/** Tools as they are registered. */
export interface ExecutorTools {
  entry(name: string): ToolEntry | undefined
  /** What is declared of a tool; undefined: nothing is believed of it. */
  manifest(name: string): ToolManifest | undefined
  /** Shown to a tool besides /usr, read-only, and what it may write besides its workspace. */
  readOnly?(name: string): readonly SandboxBind[]
  writable?(name: string): readonly SandboxBind[]
  /** Looks at what a run of the tool printed, once it exited with 0. @returns why it does not count as completed, and what a person should know */
  judge?(name: string, stdout: string): { readonly failure?: string; readonly warnings: readonly string[] }
}

/** What applies and undoes plans: core's transactions, as `createJanus` gives them. */
export interface PlanRunner {
  apply(
    plan: Plan,
    options: { readonly accept: readonly string[]; readonly signal?: AbortSignal },
  ): Promise<ApplyReport>
  rollback(options: { readonly transaction: string; readonly signal?: AbortSignal }): Promise<readonly UndoReport[]>
  /** The journal, as it stands. */
  history(): Promise<readonly TransactionSummary[]>
}

/** The agent, as an executor uses it. */
export type ExecutingAgent = Pick<
  LocalAgent,
  'record' | 'consume' | 'conclude' | 'obstacleTo' | 'obstacleToStart' | 'startRollback' | 'askRollback' | 'endRollback'
>

/** What an executor works with. */
export interface ExecutorOptions {
  readonly agent: ExecutingAgent
  readonly sandbox: RunSandbox
  readonly tools: ExecutorTools
  readonly plans: PlanRunner
  /** Why nothing may be started; undefined when something may. Looked at last, in the turn of each start. */
  stopped(): string | undefined
  /** Why no run may use the network; undefined when one may. Looked at before each start. */
  networkBlocked?(): string | undefined
  readonly clock: Clock
  /** Variables that tools may be given by name. Default: those of this process. */
  readonly environment?: Readonly<Record<string, string | undefined>>
  /** Told of every process that is started, in the same turn: whoever must be able to end it without this process. What it throws ends the run. */
  onStarted?(proposal: string, processes: RunProcesses): void
  /** Milliseconds between SIGTERM and SIGKILL. Default: that of the sandbox. */
  readonly grace?: number
}
