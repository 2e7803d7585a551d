import { janusError } from '../errors/janus-error.js'
import type { NewRecord } from './group-commit.js'

/**
 * Lets a record of a user of the ledger pass.
 * @throws JANUS_INTERNAL when its type is one of the ledger's own, or empty
 */
export function ownType(record: NewRecord): NewRecord {
  if (record.type !== '' && !record.type.startsWith('ledger-')) return record
  throw janusError('JANUS_INTERNAL', `a ledger record cannot be of the type ${JSON.stringify(record.type)}`)
}
