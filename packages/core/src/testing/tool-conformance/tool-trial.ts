import type { JsonValue } from '../../contract/plan.js'
import type { ToolManifest } from '../../contract/tool.js'

/** Files of a workspace: relative path to content. */
export type WorkspaceFiles = Readonly<Record<string, Uint8Array>>

/** An example of what a tool is used for: a tool is tried on each. */
export interface ToolExample {
  readonly title: string
  readonly args: readonly string[]
  readonly kwargs?: Readonly<Record<string, JsonValue>>
  /** What lies in its workspace before. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Default 0. */
  readonly exitCode?: number
}

/** One run that the suite asks for. */
export interface ToolTrialRequest {
  /** `probe`: the tool's own probe is run instead, with the same arguments behind it. */
  readonly what: 'run' | 'probe'
  readonly args: readonly string[]
  readonly kwargs: Readonly<Record<string, JsonValue>>
  readonly files: WorkspaceFiles
}

/** What became of a run that the suite asked for. */
export interface ToolTrial {
  /** Why its arguments were refused; then nothing was run. */
  readonly refused?: string
  readonly exitCode: number | undefined
  /** Of both streams, for people. */
  readonly output: string
  /** What lies in its workspace now. */
  readonly files: WorkspaceFiles
  /** Places outside of its workspace that it wrote, as far as the runner can tell. */
  readonly outside: readonly string[]
  /** Hosts that it asked for. */
  readonly hosts: readonly string[]
}

/** Runs a tool as an agent would: held to its grammar, in a workspace of its own. The suite brings none: it is a matter of who runs tools. */
export type ToolTrialRunner = (tool: ToolManifest, request: ToolTrialRequest) => Promise<ToolTrial>
