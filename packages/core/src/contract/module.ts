import type { z } from 'zod'
import type { Change } from './change.js'
import type { Finding } from './finding.js'
import type { Host } from './host.js'
import type { Logger } from './logger.js'
import type { Query } from './query.js'
import type { JANUS_BRAND, MODULE_BRAND } from './symbols.js'

/** What a module is called and which Module API it speaks. */
export interface ModuleMetadata {
  /** `gpu`, `cpu`, `vm`, `host` or any other kebab-case word. */
  readonly type: string
  /** Unique among enabled modules, kebab-case. */
  readonly id: string
  /** Semver; equals the version of the package that brings it. */
  readonly version: string
  readonly compatApi: number
  /** One line for lists. */
  readonly summary: string
  /** Ids of modules that come after this one where a profile names both. */
  readonly before?: readonly string[]
  /** Ids of modules that come before this one where a profile names both. */
  readonly after?: readonly string[]
}

/** All a module gets. Nothing else is allowed: no console, no process.env, no child_process, no prompts. */
export interface ModuleContext<Options> {
  readonly host: Host
  readonly options: Options
  readonly log: Logger
  readonly query: Query
  readonly signal: AbortSignal
}

/** The context of `check`: the options may be absent, because a check also runs without being told a target. */
export type CheckContext<Options> = ModuleContext<Options | undefined>

/** What the author of a module writes. */
export interface ModuleDefinition<Schema extends z.ZodType = z.ZodType> {
  readonly metadata: ModuleMetadata
  /** Options of `apply` and `rollback`, by convention a `z.strictObject`. Validated before the module runs. */
  readonly options: Schema
  /** Looks at the host and reports. Never mutates, never throws on the first problem. */
  check(context: CheckContext<z.output<Schema>>): Promise<readonly Finding[]>
  /** Returns the changes that are needed: `[]` when the host is already so. Never mutates. Absent in a check-only module. */
  apply?(context: ModuleContext<z.output<Schema>>): Promise<readonly Change[]>
  /** Plans the removal of left-overs that no journal knows. Default: undo from the journal. */
  rollback?(context: ModuleContext<z.output<Schema>>): Promise<readonly Change[]>
}

/** A module as {@link defineModule} returns it: branded, frozen. */
export interface JanusModule<Schema extends z.ZodType = z.ZodType> extends ModuleDefinition<Schema> {
  readonly [JANUS_BRAND]: typeof MODULE_BRAND
  apply(context: ModuleContext<z.output<Schema>>): Promise<readonly Change[]>
  rollback(context: ModuleContext<z.output<Schema>>): Promise<readonly Change[]>
  /** What the module can do besides `check`. */
  readonly supports: { readonly apply: boolean; readonly rollback: 'journal' | 'planned' }
}
