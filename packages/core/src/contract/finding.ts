/** What a check concluded: fine, worth knowing, in the way of the job, or not answerable here. */
export type FindingStatus = 'ok' | 'warn' | 'critical' | 'skipped'

/** One conclusion of a check, with the evidence it rests on and the way out. */
export interface Finding {
  /** Stable kebab-case name, unique within the module: `kvm-device`, `iommu-in-effect`. */
  readonly id: string
  readonly status: FindingStatus
  /** One line for the human. */
  readonly summary: string
  readonly detail?: string
  /** Where the conclusion comes from: paths, with the value read there. */
  readonly evidence?: readonly Evidence[]
  /** What the reader can do about it; required in spirit for `warn` and `critical`. */
  readonly remedy?: string
}

/** A path that was read and what it held (`undefined` when it does not exist). */
export interface Evidence {
  readonly path: string
  readonly value?: string
}
