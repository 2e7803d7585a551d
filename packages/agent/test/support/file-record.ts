import {
  type AgentRecord,
  type Clock,
  type LedgerRecordStoreOptions,
  ledgerRecordStore,
  openAgentRecord,
} from '../../src/index.js'
import { settableClock } from './settable-clock.js'

/** A record in real files. @param directory absolute; created when absent */
export function openFileRecord(
  directory: string,
  { clock = settableClock(), ...more }: LedgerRecordStoreOptions & { readonly clock?: Clock } = {},
): Promise<AgentRecord> {
  return openAgentRecord({
    vesselId: 'janus-in-balaur',
    clock,
    openStore: ledgerRecordStore(directory, { purpose: 'a test', now: () => clock.now(), ...more }),
  })
}
