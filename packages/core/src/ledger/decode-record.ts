import { canonicalJson, sha256Hex } from './canonical-json.js'
import { GENESIS_HASH, isHash, type LedgerRecord, lineOf } from './ledger-record.js'
import { isPlainCanonical } from './plain-canonical.js'

const RECORD_KEYS = ['hash', 'payload', 'prevHash', 'seq', 'ts', 'type']
const ORIGIN_KEYS = ['hash', 'prevHash', 'seq']
const HEAD_LENGTH = lineOf(GENESIS_HASH, '{').length

/**
 * Reads one line. Only the one canonical spelling of a record is accepted, so that each byte of the line counts.
 * @param line without its newline
 * @returns the record, or the reason why it is none
 */
export function decodeRecord(line: string): LedgerRecord | { readonly reason: string } {
  try {
    const value: unknown = JSON.parse(line)
    if (!isRecordShape(value)) return { reason: 'it is not a ledger record' }
    // The canonical line is the hashed body with the hash in front, so the body can be taken from the line itself.
    if (sha256Hex(`{${line.slice(HEAD_LENGTH)}`) !== value.hash) return { reason: 'its hash does not fit its content' }
    if (!isPlainCanonical(line) && canonicalJson(value) !== line) return { reason: 'it is not in canonical form' }
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

function isRecordShape(value: unknown): value is LedgerRecord {
  if (!isObject(value)) return false
  const { origin, more } = value
  return (
    hasKeys(value, RECORD_KEYS, (origin === undefined ? 0 : 1) + (more === undefined ? 0 : 1)) &&
    isSequence(value.seq) &&
    typeof value.ts === 'string' &&
    typeof value.type === 'string' &&
    value.type !== '' &&
    // That these are hashes is seen when they are compared: with that of the content, and of the record before.
    typeof value.prevHash === 'string' &&
    typeof value.hash === 'string' &&
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
