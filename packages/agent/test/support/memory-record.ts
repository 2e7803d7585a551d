import type { LedgerRecord } from '@janus/core/ledger'
import { type AgentRecord, type Clock, memoryRecordStore, openAgentRecord } from '../../src/index.js'
import { settableClock } from './settable-clock.js'

/** A record in memory. @param records what an earlier process left, and where this one writes */
export function memoryRecord(
  clock: Clock = settableClock(),
  records: LedgerRecord[] = [],
  vesselId = 'janus-in-balaur',
): Promise<AgentRecord> {
  return openAgentRecord({ vesselId, clock, openStore: memoryRecordStore(records) })
}

/** Types of the events on a record, in order. */
export function typesOf(records: readonly LedgerRecord[]): readonly string[] {
  return records.map(({ type }) => type)
}
