import { readRecords } from '../ledger/read-ledger.js'
import { journalPath } from './journal.js'
import { readTransactions, type TransactionRecord } from './read-transactions.js'

/**
 * The transactions that a state directory knows, oldest first. Needs no lock and modifies nothing.
 * @throws JANUS_LEDGER_DAMAGED, JANUS_STATE_DENIED, JANUS_STATE_UNSAFE
 */
export async function readJournal(stateDirectory: string): Promise<readonly TransactionRecord[]> {
  return readTransactions(readRecords(journalPath(stateDirectory)))
}
