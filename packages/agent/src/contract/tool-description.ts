import type { ArgumentGrammar, ToolSideEffects } from './tool.js'

/** A tool as people are told of it. */
export interface ToolDescription {
  readonly name: string
  readonly summary: string
  /** `built-in`, `configured`, or the package that brings it. */
  readonly source: string
  /** Program and its first arguments; empty for a command line. */
  readonly command: readonly string[]
  /** True for one whose arguments are a command line of a program that its grammar names. */
  readonly commandLine: boolean
  readonly sideEffects: ToolSideEffects
  readonly network: boolean
  readonly writes: boolean
  readonly idempotent: boolean
  readonly reversible: boolean
  readonly interpreter: boolean
  readonly arguments: ArgumentGrammar
  readonly probe: readonly string[]
  /** Names of the variables that it is given; their values are told nobody. */
  readonly environment: readonly string[]
  readonly workingDirectory: string
  /** Paths that it is shown besides /usr. */
  readonly shown: readonly string[]
}

/** A tool that is configured and cannot be proposed. */
export interface MissingTool {
  readonly name: string
  readonly because: string
}
