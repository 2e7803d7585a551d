import { GENESIS_HASH, isHash, type LedgerRecord, PRUNED_TYPE } from './ledger-record.js'

/** Follows a chain record by record. */
export interface RecordChain {
  /** Records that a rewrite kept and that must still follow. */
  readonly keptToCome: number
  /** Takes the next record, or tells why it cannot stand here. */
  follow(record: LedgerRecord): string | undefined
}

/** What the first record of a rewritten ledger says. */
export interface PrunedPayload {
  /** Records that were dropped, and that were kept and follow. */
  readonly removed: number
  readonly kept: number
  /** Ends of the chain before the rewrite. */
  readonly firstHash: string
  readonly lastHash: string
  readonly lastSeq: number
  readonly reason: string
}

/** Starts to follow the chain of a ledger in one file, at its beginning. */
export function createLedgerChain(): RecordChain {
  let lastSeq = 0
  let lastHash = GENESIS_HASH
  let records = 0
  let keptToCome = 0
  return {
    get keptToCome() {
      return keptToCome
    },
    follow(record) {
      const pruned = records === 0 ? prunedPayloadOf(record) : undefined
      lastSeq = pruned?.lastSeq ?? lastSeq
      lastHash = pruned?.lastHash ?? lastHash
      if (record.seq !== lastSeq + 1) return `its sequence number is ${record.seq}, expected ${lastSeq + 1}`
      if (record.prevHash !== lastHash) return 'it does not follow the record before it'
      if ((record.origin !== undefined) !== keptToCome > 0)
        return 'kept records must follow the head of a rewrite, all of them'
      if (record.more !== undefined) return 'it is of a group, and a ledger in one file has none'
      keptToCome = pruned?.kept ?? Math.max(0, keptToCome - 1)
      lastSeq = record.seq
      lastHash = record.hash
      records += 1
      return undefined
    },
  }
}

function prunedPayloadOf(record: LedgerRecord): PrunedPayload | undefined {
  if (record.type !== PRUNED_TYPE || record.seq === 1) return undefined
  const payload = record.payload as unknown as Partial<PrunedPayload> | null
  const { kept, lastSeq, lastHash } = payload ?? {}
  if (!Number.isSafeInteger(kept) || !Number.isSafeInteger(lastSeq) || !isHash(lastHash)) return undefined
  return payload as PrunedPayload
}
