import type { LedgerRecord } from '@janus/core/ledger'
import type { AgentEvent } from './agent-event.js'

/**
 * Where the record lies: one writer, an order, nothing acknowledged before it is durable. The files of one machine are one
 * implementation; another can carry the record of a fleet.
 */
export interface RecordStore {
  /** Sequence number of the last event appended or found; 0 when there is none. */
  readonly lastSeq: number
  readonly lastHash: string
  /**
   * Appends events in one durable step: after a crash all of them are there, or none. The order of the calls is the order of the record.
   * @param at their time
   * @returns once they are on the disk
   * @throws JANUS_LEDGER_WRITE_FAILED: they are not, and this store takes nothing more
   */
  append(events: readonly AgentEvent[], at: Date): Promise<readonly LedgerRecord[]>
  /** What is in it, from an event on, in order: for questions about what the state has forgotten. */
  read(fromSeq?: number): AsyncIterable<LedgerRecord>
  close(): Promise<void>
}

/** Opens a store as its only writer, and tells everything that is in it, in order. */
export type OpenRecordStore = (onRecord: (record: LedgerRecord) => void) => Promise<RecordStore>
