import type { Diagnostic } from './diagnostic.js'
import type { Isolation } from './runnable-module.js'

/** One row of `janus module list`: each module found ends as one, whatever happened to it. */
export interface ModuleRow {
  readonly id: string
  readonly type: string
  readonly version: string
  /** `available`: found, but nobody named it. `enabled`: not loaded yet. `blocked`: it may not run. `failed`: it is broken. */
  readonly status: 'available' | 'enabled' | 'blocked' | 'failed' | 'ready'
  /** Package name, or `given` for an object handed to createJanus. */
  readonly source: string
  readonly isolation: Isolation
  /** True when it may propose changes that make root run something. */
  readonly trusted: boolean
  /** Path of the entry file, when there is one. */
  readonly path?: string
  readonly summary?: string
  readonly diagnostics: readonly Diagnostic[]
}

/** What a module is and takes, for `janus module show`. */
export interface ModuleDescription extends ModuleRow {
  /** Version of the Module API that it speaks. */
  readonly compatApi: number
  readonly supports: { readonly apply: boolean; readonly rollback: 'journal' | 'planned' }
  /** JSON Schema (draft 2020-12) of the options as people write them: the input side, before defaults and transforms. */
  readonly optionsSchema: Readonly<Record<string, unknown>>
}
