/** What holds the agent back that no record tells: each with the reason, as one sentence; undefined where it does not apply. */
export interface LiveConditions {
  /** An emergency stop that nobody has lifted. */
  readonly emergency?: string | undefined
  /** The host is under pressure. */
  readonly relief?: string | undefined
  /** A critical maintenance task is overdue. */
  readonly maintenance?: string | undefined
  /** The record could not be verified. */
  readonly verification?: string | undefined
  /** The sandbox does not hold here. */
  readonly selfTest?: string | undefined
  /** The record came from a copy. */
  readonly frozen?: string | undefined
}
