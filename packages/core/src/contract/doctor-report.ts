import type { Diagnostic } from './diagnostic.js'
import type { ModuleRow } from './module-row.js'

/** A copy of core that is loaded in this process. */
export interface CoreCopy {
  readonly version: string
  /** Directory of its package. */
  readonly path: string
}

/** A program that Janus or its modules may call. */
export interface HostTool {
  readonly name: string
  readonly path: string
  /** First line of what it says about its version; absent when it did not say. */
  readonly version?: string
}

/** What `janus doctor` finds. It names paths and versions, and holds no values of options, files or variables. */
export interface DoctorReport {
  readonly janus: string
  readonly node: { readonly version: string; readonly path: string }
  readonly platform: { readonly os: string; readonly architecture: string; readonly kernel: string }
  readonly user: { readonly uid: number; readonly root: boolean; readonly sudo: boolean }
  readonly cores: readonly CoreCopy[]
  readonly stateDirectory: {
    readonly path: string
    readonly state: 'absent' | 'readable' | 'refused'
    readonly mode?: string
  }
  readonly extensionDirectory: string
  readonly sandbox: { readonly available: boolean; readonly program?: string; readonly version?: string }
  readonly tools: readonly HostTool[]
  readonly modules: readonly ModuleRow[]
  /** What is wrong with any of it. */
  readonly diagnostics: readonly Diagnostic[]
}
