import { GENESIS_HASH, readSegments } from '@janus/core/ledger'
import { agentError } from '../errors/agent-error.js'
import type { OpenRecordStore } from './record-store.js'

/**
 * The files of a record, to be read beside whoever writes them: what is there now, without a lock.
 * @param directory absolute path; an absent one has no events
 * @returns opens the store; throws JANUS_LEDGER_DAMAGED; JANUS_STATE_DENIED; JANUS_STATE_UNSAFE
 */
export function readOnlyRecordStore(directory: string): OpenRecordStore {
  return async (onRecord) => {
    let last = { seq: 0, hash: GENESIS_HASH }
    for await (const record of readSegments(directory)) {
      onRecord(record)
      last = { seq: record.seq, hash: record.hash }
    }
    return {
      lastSeq: last.seq,
      lastHash: last.hash,
      append: async () => {
        throw agentError('JANUS_AGENT_NOT_PERMITTED', 'the record was opened to be read')
      },
      read: (fromSeq = 1) => readSegments(directory, { fromSeq }),
      close: async () => undefined,
    }
  }
}
