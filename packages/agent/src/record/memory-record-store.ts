import { canonicalJson, GENESIS_HASH, type LedgerRecord, sha256Hex } from '@janus/core/ledger'
import type { AgentEvent } from './agent-event.js'
import type { OpenRecordStore } from './record-store.js'

/**
 * A store in memory, for tests and trials: the same chain as on the disk, and nothing survives.
 * @param records where the events go; what is in it already is what an earlier process left
 */
export function memoryRecordStore(records: LedgerRecord[] = []): OpenRecordStore {
  return async (onRecord) => {
    for (const record of records) onRecord(record)
    const last = (): LedgerRecord | undefined => records.at(-1)
    return {
      get lastSeq() {
        return last()?.seq ?? 0
      },
      get lastHash() {
        return last()?.hash ?? GENESIS_HASH
      },
      append: async (events, at) => {
        const added = events.map((event) => {
          const record = chained(event, at, last())
          records.push(record)
          return record
        })
        return added
      },
      read: async function* (fromSeq = 1) {
        yield* records.filter(({ seq }) => seq >= fromSeq)
      },
      close: async () => {},
    }
  }
}

function chained({ type, payload }: AgentEvent, at: Date, last: LedgerRecord | undefined): LedgerRecord {
  const fields = {
    seq: (last?.seq ?? 0) + 1,
    ts: at.toISOString(),
    type,
    // As a file would give it back: without members that are undefined, and shared with nobody.
    payload: JSON.parse(canonicalJson(payload)) as LedgerRecord['payload'],
    prevHash: last?.hash ?? GENESIS_HASH,
  }
  return { ...fields, hash: sha256Hex(canonicalJson(fields)) }
}
