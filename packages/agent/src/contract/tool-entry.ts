import type { ToolManifest } from './tool.js'

/** A tool as it may be proposed here: how it is declared, and how it is configured. All of it is in the digest that an approval is bound to. */
export interface ToolEntry {
  readonly name: string
  /** Program and its first arguments; empty for a {@link commandLine}. */
  readonly command: readonly string[]
  readonly allow_network: boolean
  /** Variables it is given besides those that are kept. */
  readonly environment?: Readonly<Record<string, string>> | undefined
  /** Absolute path it is started in. Default: its workspace. */
  readonly working_directory?: string | undefined
  /** What it is for. */
  readonly description?: string | undefined
  /** How it is declared, by its author or by whoever configured it. */
  readonly manifest: ToolManifest
  /** `built-in`, `configured`, or the package that brings it. */
  readonly source: string
  /** True for a tool whose arguments are a command line of one of the programs that its grammar names: the first word is the program. */
  readonly commandLine?: boolean
  /** Absolute paths that a run of it is shown besides /usr, read-only. */
  readonly shown?: readonly string[]
  /** Absolute paths of files and directories whose content runs with it besides its program: their digests are part of what is approved. */
  readonly code?: readonly string[]
}
