import type { RecordChain } from './ledger-chain.js'
import { GENESIS_HASH, isHash, type LedgerRecord } from './ledger-record.js'

/** Where a chain stands: the record that came last. */
export interface LedgerHead {
  /** 0 before the first record. */
  readonly seq: number
  /** {@link GENESIS_HASH} before the first record. */
  readonly hash: string
}

/** Follows the one chain through all segments of a ledger. */
export interface SegmentChain extends RecordChain {
  readonly head: LedgerHead
}

/** Before the first record. */
export const EMPTY_HEAD: LedgerHead = { seq: 0, hash: GENESIS_HASH }

/**
 * Starts to follow a chain.
 * @param start the record before the first one to come; left out: the first one is taken at its word about it, because what stood before it
 * has expired
 */
export function createSegmentChain(start?: LedgerHead): SegmentChain {
  let head = start
  let moreToCome = 0
  return {
    keptToCome: 0,
    get head() {
      return head ?? EMPTY_HEAD
    },
    follow(record) {
      if (head === undefined && !isHash(record.prevHash)) return 'it does not follow any record'
      head ??= { seq: record.seq - 1, hash: record.prevHash }
      if (record.seq !== head.seq + 1) return `its sequence number is ${record.seq}, expected ${head.seq + 1}`
      if (record.prevHash !== head.hash) return 'it does not follow the record before it'
      if (record.origin !== undefined) return 'it was kept by a rewrite, and segments are never rewritten'
      if (moreToCome > 0 && (record.more ?? 0) !== moreToCome - 1) return 'the group before it is not complete'
      moreToCome = record.more ?? 0
      head = record
      return undefined
    },
  }
}

/** Where the chain stands after this record, when it is one. */
export function headAfter(record: LedgerRecord | undefined): LedgerHead {
  return record === undefined ? EMPTY_HEAD : { seq: record.seq, hash: record.hash }
}
