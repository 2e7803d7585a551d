import type { Statement } from './statement.js'

/** What the holder of a key says when deciding a proposal. */
export interface DecisionStatement {
  readonly vesselId: string
  readonly recordId: string
  readonly proposal: string
  /** The whole digest that was read. */
  readonly digest: string
  readonly decision: 'approve' | 'reject'
  readonly reason: string | null
  readonly label: string | null
  readonly allowStale: boolean
  /** Approved already, and taken back. */
  readonly withdraw: boolean
  /** ISO 8601. A statement made before the proposal was last put up for review is void. */
  readonly at: string
}

/** The statement to sign for a decision. */
export function decisionStatement(body: DecisionStatement): Statement {
  return { subject: 'decision', body }
}
