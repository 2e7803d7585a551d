import type { JsonValue } from '../contract/plan.js'
import { canonicalJson, sha256Hex } from './canonical-json.js'

/** Where a record stood before a rewrite moved it: enough to recompute the hash it had. */
export interface LedgerOrigin {
  readonly seq: number
  readonly prevHash: string
  readonly hash: string
}

/** One line of a ledger. */
export interface LedgerRecord {
  /** Counts from 1 through the ledger's whole life: a rewrite continues the count, no number is used twice. */
  readonly seq: number
  /** When it was appended: ISO 8601, UTC, by the wall clock. The order is that of `seq`. */
  readonly ts: string
  readonly type: string
  readonly payload: JsonValue
  /** `hash` of the record before; {@link GENESIS_HASH} for the first. */
  readonly prevHash: string
  /** SHA-256 over the RFC 8785 JSON of the record without `hash`, lower-case hex. */
  readonly hash: string
  /** Only in a record that a rewrite kept. */
  readonly origin?: LedgerOrigin
  /** Only in a record of a group that is not the group's last: how many of the group follow. A group stands whole or not at all. */
  readonly more?: number
}

/** `prevHash` of the first record of a ledger. */
export const GENESIS_HASH = '0'.repeat(64)

const HASH = /^[0-9a-f]{64}$/

/** Bytes a line may have, its newline not counted. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024

/** Bytes a group of records may have. */
export const MAX_GROUP_BYTES = 16 * 1024 * 1024

/** Type of the first record of a ledger that was rewritten. */
export const PRUNED_TYPE = 'ledger-pruned'

/** Type of the record that says an unfinished last line was cut. */
export const REPAIRED_TYPE = 'ledger-repaired'

/** Type of the record that names the oldest segments of a ledger, which were dropped after it. */
export const EXPIRED_TYPE = 'ledger-expired'

/**
 * Seals a record: computes its hash and its line.
 * @returns the record, and its line with the newline
 * @throws Error when the payload is not a JSON value or the line is too long
 */
export function encodeRecord(fields: Omit<LedgerRecord, 'hash'>): {
  readonly record: LedgerRecord
  readonly line: string
} {
  if (fields.payload === undefined) throw new Error('a record needs a payload')
  const body = canonicalJson(fields)
  const hash = sha256Hex(body)
  const line = lineOf(hash, body)
  if (Buffer.byteLength(line) > MAX_LINE_BYTES) throw new Error(`the record is longer than ${MAX_LINE_BYTES} bytes`)
  return { record: { ...fields, hash }, line: `${line}\n` }
}

/** The canonical line of a record: `hash` sorts before every other key, so it is the hashed body with the hash put in front. */
export function lineOf(hash: string, body: string): string {
  return `{"hash":"${hash}",${body.slice(1)}`
}

/** True for lower-case hex of the length of a hash. */
export function isHash(value: unknown): value is string {
  return typeof value === 'string' && HASH.test(value)
}
