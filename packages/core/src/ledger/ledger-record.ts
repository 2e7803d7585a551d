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

/** Bytes a line may have, its newline not counted. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024

/** Bytes a group of records may have. */
export const MAX_GROUP_BYTES = MAX_LINE_BYTES

/** Type of the first record of a ledger that was rewritten. */
export const PRUNED_TYPE = 'ledger-pruned'

/** Type of the record that says an unfinished last line was cut. */
export const REPAIRED_TYPE = 'ledger-repaired'

/** Type of the record that names the oldest segments of a ledger, which were dropped after it. */
export const EXPIRED_TYPE = 'ledger-expired'

const HASH = /^[0-9a-f]{64}$/
const RECORD_KEYS = ['hash', 'payload', 'prevHash', 'seq', 'ts', 'type']
const ORIGIN_KEYS = ['hash', 'prevHash', 'seq']
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

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

/**
 * Reads one line. Only the one canonical spelling of a record is accepted, so that each byte of the line counts.
 * @param bytes the line without its newline
 * @returns the record, or the reason why it is none
 */
export function decodeRecord(bytes: Uint8Array): LedgerRecord | { readonly reason: string } {
  let line: string
  try {
    line = decoder.decode(bytes)
  } catch {
    return { reason: 'it is not UTF-8' }
  }
  try {
    const value: unknown = JSON.parse(line)
    if (!isRecordShape(value)) return { reason: 'it is not a ledger record' }
    // The canonical line is the hashed body with the hash in front, so the body can be taken from the line itself.
    if (sha256Hex(`{${line.slice(lineOf(value.hash, '{').length)}`) !== value.hash) {
      return { reason: 'its hash does not fit its content' }
    }
    if (!isCanonical(value, line)) return { reason: 'it is not in canonical form' }
    return originProblem(value) ?? value
  } catch {
    return { reason: 'it is not JSON' }
  }
}

/** The hash a kept record had where it came from, recomputed from its content. */
function originProblem({ origin, ts, type, payload }: LedgerRecord): { readonly reason: string } | undefined {
  if (origin === undefined) return undefined
  const original = { seq: origin.seq, ts, type, payload, prevHash: origin.prevHash }
  return sha256Hex(canonicalJson(original)) === origin.hash
    ? undefined
    : { reason: 'its content is not that of its origin' }
}

// `hash` sorts before every other key, so the canonical line is the hashed body with the hash put in front.
function lineOf(hash: string, body: string): string {
  return `{"hash":"${hash}",${body.slice(1)}`
}

// What the engine's own JSON spells the same and in sorted order is canonical; only rarely must it be spelled out.
function isCanonical(value: unknown, line: string): boolean {
  return (JSON.stringify(value) === line && hasSortedKeys(value)) || canonicalJson(value) === line
}

function hasSortedKeys(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (Array.isArray(value)) return value.every(hasSortedKeys)
  let previous = ''
  for (const [key, member] of Object.entries(value)) {
    if (key < previous || !hasSortedKeys(member)) return false
    previous = key
  }
  return true
}

function isRecordShape(value: unknown): value is LedgerRecord {
  if (!isObject(value)) return false
  const { origin, more } = value
  return (
    hasKeys(value, RECORD_KEYS, (origin === undefined ? 0 : 1) + (more === undefined ? 0 : 1)) &&
    isSequence(value.seq) &&
    typeof value.ts === 'string' &&
    typeof value.type === 'string' &&
    value.type !== '' &&
    isHash(value.prevHash) &&
    isHash(value.hash) &&
    (origin === undefined || isOrigin(origin)) &&
    (more === undefined || isSequence(more))
  )
}

function isOrigin(value: unknown): boolean {
  return (
    isObject(value) &&
    hasKeys(value, ORIGIN_KEYS) &&
    isSequence(value.seq) &&
    isHash(value.prevHash) &&
    isHash(value.hash)
  )
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function hasKeys(value: Record<string, unknown>, keys: readonly string[], others = 0): boolean {
  const found = Object.keys(value)
  return found.length === keys.length + others && keys.every((key) => Object.hasOwn(value, key))
}

function isSequence(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1
}

function isHash(value: unknown): boolean {
  return typeof value === 'string' && HASH.test(value)
}
