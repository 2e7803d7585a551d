import { openSegmentedLedger, readSegments } from '@janus/core/ledger'
import type { FileOperations } from '@janus/core/state'
import type { OpenRecordStore } from './record-store.js'

/** How the files of a record are kept. */
export interface LedgerRecordStoreOptions {
  /** What this process does with the record, told to whoever finds it open. Default: `agent`. */
  readonly purpose?: string
  /** Bytes of one file before the next is begun. Default: 64 MiB. */
  readonly rotateBytes?: number
  /** The wall clock, for what the ledger records itself on opening. Default: that of the machine. */
  readonly now?: () => Date
  /** System calls, for fault tests. Default: the kernel's. */
  readonly fileOperations?: FileOperations
}

/** Kept aside for the events that must be recorded on a full disk: that everything was stopped, and why. */
const RESERVE_BYTES = 256 * 1024

/**
 * The record in the files of this machine: a ledger in segments, locked by the kernel while it is open.
 * @param directory absolute path; created when absent
 * @returns opens the store; throws what `openSegmentedLedger` throws: JANUS_STATE_LOCKED while another process has it open, JANUS_LEDGER_DAMAGED
 */
export function ledgerRecordStore(
  directory: string,
  { purpose = 'agent', now = () => new Date(), ...options }: LedgerRecordStoreOptions = {},
): OpenRecordStore {
  return async (onRecord) => {
    let at: Date | undefined
    const ledger = await openSegmentedLedger({
      directory,
      purpose,
      reserveBytes: RESERVE_BYTES,
      ...options,
      onRecord,
      now: () => at ?? now(),
    })
    return {
      get lastSeq() {
        return ledger.lastSeq
      },
      get lastHash() {
        return ledger.lastHash
      },
      append: (events, when) => {
        at = when
        return ledger.appendAll(events)
      },
      read: (fromSeq = 1) => readSegments(directory, { fromSeq }),
      close: () => ledger.close(),
    }
  }
}
