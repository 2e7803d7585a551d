import type { ManifestTool } from './tool.js'

/** A module named in the `janus` field of a package.json. */
export interface ManifestModule {
  readonly id: string
  readonly type: string
  /** Path of the entry relative to the package, inside of it. */
  readonly entry: string
  /** Name of the export that is the module; default: the default export, or the only module exported. */
  readonly export?: string
  readonly kind?: 'javascript' | 'command'
  /** What it does, in one line: for lists of modules, for which no code runs. */
  readonly summary?: string
}

/** The `janus` field of a package.json: what a package brings. */
export interface Manifest {
  readonly api: number
  readonly modules: readonly ManifestModule[]
  readonly commands?: readonly { readonly name: string; readonly summary: string; readonly entry: string }[]
  /** Checks that it adds to `janus doctor`; see `ContributedCheckModule`. */
  readonly checks?: readonly { readonly name: string; readonly summary: string; readonly entry: string }[]
  /** Path of a {@link PackageCompletion} in JSON, relative to the package: what a shell completes of its commands and modules. */
  readonly completion?: string
  /** Tools for an agent: run in a sandbox, and only where they are named in its configuration. */
  readonly tools?: readonly ManifestTool[]
}
