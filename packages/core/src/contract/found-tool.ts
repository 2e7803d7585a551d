import type { Diagnostic } from './diagnostic.js'
import type { ToolManifest } from './tool.js'

/** A tool that a package brings, found and not run. */
export interface FoundTool {
  /** Package that brings it, and its version. */
  readonly source: string
  readonly version: string
  /** Directory of the package, without links: what a run of it is shown, read-only. */
  readonly directory: string
  /** As the package declares it; `command` names a file of the package by its absolute path. */
  readonly manifest: ToolManifest
  /** `available`: nobody named or pinned its package. `blocked`: the diagnostics say why. Nothing runs it but an agent in whose configuration it is named. */
  readonly status: 'enabled' | 'available' | 'blocked'
  readonly diagnostics: readonly Diagnostic[]
}
