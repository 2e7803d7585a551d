import type { Diagnostic } from '../contract/diagnostic.js'
import type { JanusModule } from '../contract/module.js'
import type { Isolation } from '../contract/runnable-module.js'

/** Where the code of a module lies. */
export interface ModuleCode {
  /** Directory of the package, without links. */
  readonly directory: string
  /** Relative to the package. */
  readonly entry: string
  /** Name of the export, where the manifest gives one. */
  readonly export?: string
  readonly kind: 'javascript' | 'command'
  /** What of the directory may be read while it is asked, relative to it. Default: all of it; of a JavaScript file named by itself, the file. */
  readonly reads?: readonly string[]
  /** Where its bugs are reported. */
  readonly bugs?: string
}

/** A module that was found and not imported; or a package that could not be understood, under its own name. */
export interface DiscoveredModule {
  readonly id: string
  readonly type: string
  readonly version: string
  /** Package name, or `given`. */
  readonly source: string
  /** What its manifest says it does, in one line. */
  readonly summary?: string
  /** Where it lies, for messages. */
  readonly path?: string
  /** The module itself, where it was handed over. */
  readonly module?: JanusModule
  /** Absent when it cannot be loaded: the diagnostics say why. */
  readonly code?: ModuleCode
  readonly diagnostics: readonly Diagnostic[]
  /** True for what the running program brings: it is trusted as that is. */
  readonly own?: boolean
  /** Whether somebody named it. Default `enabled`. */
  readonly standing?: 'available' | 'enabled'
  /** How far its code is kept from this process. Default `in-process`. */
  readonly isolation?: Isolation
  /** Whether changes that make root run something are taken from it. Default: what runs in this process is trusted, nothing else. */
  readonly trusted?: boolean
}
