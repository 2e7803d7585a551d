import type { Host } from './host.js'
import type { Logger } from './logger.js'
import type { JanusModule, ModuleMetadata } from './module.js'
import type { JsonValue } from './plan.js'
import type { Query } from './query.js'

/**
 * How far a module is kept from the process that asks it. `in-process`: not at all. `sandbox`: a child without privileges,
 * network or writable paths, over a snapshot; it holds against hostile code. `subprocess`: a child over a snapshot, for
 * containing crashes only.
 */
export type Isolation = 'in-process' | 'sandbox' | 'subprocess'

/** What a module is run with. */
export interface ModuleRun {
  readonly host: Host
  readonly query: Query
  readonly log: Logger
  readonly signal: AbortSignal
}

/** What a module answers when it is asked for changes. */
export interface ModuleAnswer {
  /** The options as the module's schema understood them, as JSON. */
  readonly options: JsonValue
  /** Untrusted: whoever makes a plan of them validates each. */
  readonly changes: readonly unknown[]
}

/**
 * A module that is ready to be asked, wherever its code runs: in this process, in a child, or as a program in another
 * language. Everything it answers is untrusted. Each call rejects with JANUS_MODULE_CRASHED, or with the error that the
 * module refuses with.
 */
export interface RunnableModule {
  readonly metadata: ModuleMetadata
  readonly supports: JanusModule['supports']
  readonly isolation: Isolation
  /** True when changes that make root run something are taken from it. */
  readonly trusted: boolean
  /** JSON Schema (draft 2020-12) of the options as people write them. Rejects with JANUS_MODULE_SHAPE_INVALID. */
  optionsSchema(): Promise<Readonly<Record<string, unknown>>>
  /** What its check reports; without options nobody named a target. Rejects with JANUS_OPTIONS_INVALID. */
  check(run: ModuleRun, options?: unknown): Promise<readonly unknown[]>
  /** The changes that are needed. Rejects with JANUS_OPTIONS_INVALID or JANUS_MODULE_CHECK_ONLY. */
  apply(run: ModuleRun, options: unknown): Promise<ModuleAnswer>
  /** The changes that remove left-overs which no journal knows. */
  rollback(run: ModuleRun, options: unknown): Promise<ModuleAnswer>
}
