import type { Measurement, RowDefinition } from './bench-row.js'

/** What a subject is told when it is measured. */
export interface BenchContext {
  /** A folder of its own, empty; it is removed afterwards. */
  readonly folder: string
  /** Fewer rounds, and smaller histories. */
  readonly quick: boolean
  /** Of the programs that are measured, with an empty home: what node does at its start depends on it. */
  readonly env: Readonly<Record<string, string>>
  /** Whether the lab may be started. */
  readonly lab: boolean
}

/** Something that is measured as a whole, in rows. */
export interface BenchSubject<Key extends string = string> {
  /** What the ids of its rows begin with. */
  readonly id: string
  readonly title: string
  readonly rows: Readonly<Record<Key, RowDefinition>>
  /** Why it cannot be measured on this machine, or now; `undefined` when it can. */
  unavailable?(context: BenchContext): Promise<string | undefined>
  /** Each row is asked afterwards, by itself: one that throws has failed and takes no other with it. */
  measure(context: BenchContext): Promise<Readonly<Record<Key, () => Measurement>>>
}

/** A subject, of which each row is measured: the types see to it. */
export function defineBenchSubject<Key extends string>(subject: BenchSubject<Key>): BenchSubject<Key> {
  return subject
}

/** Of a row, over all subjects: `start-up.version`. */
export function rowId({ id }: BenchSubject, key: string): string {
  return `${id}.${key}`
}
