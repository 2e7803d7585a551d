import { janusError } from '../errors/janus-error.js'
import { errnoOf } from '../state/errno-of.js'
import { systemFileOperations } from '../state/file-operations.js'
import { openOwnFile } from '../state/open-own-file.js'
import { GENESIS_HASH, type LedgerRecord } from './ledger-record.js'
import { type LedgerDamage, type LedgerScanItem, type LedgerTorn, scanLedger } from './scan-ledger.js'

/** What verifying a ledger found. */
export interface LedgerVerification {
  /** Intact records, up to the damage if there is any. */
  readonly records: number
  /** Hash of the last intact record; {@link GENESIS_HASH} when there is none. */
  readonly lastHash: string
  /** An unfinished last line: never acknowledged, cut at the next opening for writing. */
  readonly torn?: LedgerTorn
  readonly damage?: LedgerDamage
}

/**
 * Reads the records of a ledger in order, verifying each, without modifying anything. An unfinished last line is left out;
 * an absent file has no records.
 * @param path absolute path
 * @throws JANUS_LEDGER_DAMAGED after the last intact record, with `offset`, `line` and `reason` in its data; JANUS_STATE_DENIED; JANUS_STATE_UNSAFE
 */
export async function* readRecords(path: string): AsyncGenerator<LedgerRecord, void, undefined> {
  for await (const item of scanFile(path)) {
    if (item.kind === 'records') yield* item.records
    else if (item.kind === 'damage') throw ledgerDamaged(path, item)
  }
}

/**
 * Reads a whole ledger into memory: {@link readRecords}, collected.
 * @param path absolute path
 * @throws as {@link readRecords}
 */
export async function readLedger(path: string): Promise<readonly LedgerRecord[]> {
  const records: LedgerRecord[] = []
  for await (const record of readRecords(path)) records.push(record)
  return records
}

/**
 * Verifies a ledger from its first byte to its last; damage is an answer here, not an error.
 * @param path absolute path
 * @throws JANUS_STATE_DENIED; JANUS_STATE_UNSAFE
 */
export async function verifyLedger(path: string): Promise<LedgerVerification> {
  let records = 0
  let lastHash = GENESIS_HASH
  for await (const item of scanFile(path)) {
    if (item.kind === 'torn') return { records, lastHash, torn: { offset: item.offset, bytes: item.bytes } }
    if (item.kind === 'damage') {
      return { records, lastHash, damage: { offset: item.offset, line: item.line, reason: item.reason } }
    }
    records += item.records.length
    lastHash = item.records.at(-1)?.hash ?? lastHash
  }
  return { records, lastHash }
}

/** The error that says where a ledger is damaged. */
export function ledgerDamaged(path: string, { offset, line, reason }: LedgerDamage): Error {
  const message = `${path} is damaged at line ${line} (byte ${offset}): ${reason}`
  return janusError('JANUS_LEDGER_DAMAGED', message, { data: { path, offset, line, reason } })
}

async function* scanFile(path: string): AsyncGenerator<LedgerScanItem, void, undefined> {
  const descriptor = await openForReading(path)
  if (descriptor === undefined) return
  try {
    yield* scanLedger(descriptor)
  } finally {
    await systemFileOperations.close(descriptor)
  }
}

async function openForReading(path: string): Promise<number | undefined> {
  try {
    return (await openOwnFile(path, { write: false })).descriptor
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}
