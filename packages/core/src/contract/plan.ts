import type { PlannedChange } from './change.js'

/** How the value of a fact is read. */
export type FactRead = 'text' | 'link' | 'list' | 'sha256'

/** One thing a plan rests on; re-read right before the plan is applied. */
export interface Fact {
  /** What it is about: `pci:0000:01:00.0`, or a path. */
  readonly subject: string
  /** What it says about the subject: `vendor`, `driver`, `iommu-group`, `group-members`. */
  readonly name: string
  readonly path: string
  readonly read: FactRead
  /** Trimmed text, absolute link target, sorted names; `null` when the path does not exist. */
  readonly value: string | readonly string[] | null
}

/** The module a plan comes from. */
export interface PlanSource {
  readonly id: string
  readonly version: string
}

/** JSON value, as plans and journals hold it. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }

/**
 * An ordered list of changes and the facts it rests on. The digest covers `schema, root, module, options, facts,
 * changes`; who made it, when and where stand beside it, undigested.
 */
export interface Plan {
  readonly schema: 'janus.plan/1'
  /** SHA-256 over the RFC 8785 JSON of the digested members, lower-case hex. */
  readonly digest: string
  readonly root: string
  readonly module: PlanSource
  readonly options: JsonValue
  readonly facts: readonly Fact[]
  readonly changes: readonly PlannedChange[]
  readonly made: PlanOrigin
}

/** Who made a plan, when and where. Not part of the digest. */
export interface PlanOrigin {
  readonly by: string
  /** ISO 8601, UTC. */
  readonly at: string
  readonly host: string
  /** `/proc/sys/kernel/random/boot_id` of the machine planned for, when it could be read. */
  readonly bootId?: string
}
