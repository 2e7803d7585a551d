import type { OperationalMode } from '../contract/mode.js'
import type { Statement } from '../identity/statement.js'

/** What somebody says who authorises or recommends a promotion. */
export interface ModeStatement {
  readonly vesselId: string
  readonly recordId: string
  readonly from: OperationalMode
  readonly to: OperationalMode
  readonly reason: string
  /** When it was signed, ISO 8601. A statement made before the mode began is void. */
  readonly at: string
}

/** The statement to sign for a promotion. */
export function modeStatement(body: ModeStatement): Statement {
  return { subject: 'mode', body }
}
