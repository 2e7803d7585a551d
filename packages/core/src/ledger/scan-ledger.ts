import { decodeRecord } from './decode-record.js'
import { createLedgerChain, type RecordChain } from './ledger-chain.js'
import { type LedgerRecord, MAX_GROUP_BYTES, MAX_LINE_BYTES } from './ledger-record.js'
import { type Line, readLines } from './read-lines.js'

/** Where a ledger is damaged. */
export interface LedgerDamage {
  /** Byte offset of the first byte of the damaged line. */
  readonly offset: number
  /** Number of the line, from 1. */
  readonly line: number
  readonly reason: string
}

/** The unfinished end of a ledger: its last line, or its last group of records. */
export interface LedgerTorn {
  readonly offset: number
  /** Bytes from there to the end of the file. */
  readonly bytes: number
}

/** One thing found in a ledger, in order. After `torn` or `damage` nothing follows. */
export type LedgerScanItem =
  | {
      readonly kind: 'records'
      readonly records: readonly LedgerRecord[]
      /** Offset right behind the last of them. */
      readonly end: number
      /** Number of its line, from 1. */
      readonly line: number
    }
  | ({ readonly kind: 'torn' } & LedgerTorn)
  | ({ readonly kind: 'damage' } & LedgerDamage)

/** How a ledger is scanned. */
export interface ScanLedgerOptions {
  /** What the records must follow. Default: the chain of a ledger in one file, from its beginning. */
  readonly chain?: RecordChain
  /** Where to begin: an offset right behind a line, and that line's number. Default: the beginning of the file. */
  readonly after?: { readonly offset: number; readonly line: number }
}

/**
 * Reads a ledger, verifying each record and its place in the chain. Holds a chunk of the file, and one line or group.
 * @param descriptor open for reading; its offset is not used
 */
export async function* scanLedger(
  descriptor: number,
  { chain = createLedgerChain(), after = { offset: 0, line: 0 } }: ScanLedgerOptions = {},
): AsyncGenerator<LedgerScanItem, void, undefined> {
  let { offset: end, line: number } = after
  let behind = end
  let group: LedgerRecord[] = []
  for await (const lines of readLines(descriptor, end)) {
    const records: LedgerRecord[] = []
    let stop: LedgerScanItem | undefined
    let lastLine = number
    for (const line of lines) {
      number += 1
      behind = line.offset + line.length + 1
      if (!line.terminated && chain.keptToCome === 0) {
        stop = { kind: 'torn', offset: end, bytes: behind - 1 - end }
        break
      }
      const record = decodeLine(line)
      const reason = 'reason' in record ? record.reason : (chain.follow(record) ?? groupProblem(record, behind - end))
      if ('reason' in record || reason !== undefined) {
        stop = { kind: 'damage', offset: line.offset, line: number, reason: reason ?? 'it is not a ledger record' }
        break
      }
      if (record.more !== undefined) {
        group.push(record)
        continue
      }
      if (group.length > 0) records.push(...group)
      group = []
      records.push(record)
      end = behind
      lastLine = number
    }
    if (records.length > 0) yield { kind: 'records', records, end, line: lastLine }
    if (stop !== undefined) {
      yield stop
      return
    }
  }
  if (group.length > 0) yield { kind: 'torn', offset: end, bytes: behind - end }
  if (chain.keptToCome > 0) {
    const reason = `${chain.keptToCome} records that a rewrite kept are missing`
    yield { kind: 'damage', offset: end, line: number + 1, reason }
  }
}

function decodeLine({ length, text, terminated }: Line): LedgerRecord | { readonly reason: string } {
  if (length > MAX_LINE_BYTES) return { reason: `it is longer than ${MAX_LINE_BYTES} bytes` }
  if (text === undefined) return { reason: 'it is not UTF-8' }
  // An unfinished line comes here only among the records that a rewrite kept, and a rewrite is never seen half done.
  return terminated ? decodeRecord(text) : { reason: 'it is unfinished, amid the records that a rewrite kept' }
}

function groupProblem({ more }: LedgerRecord, bytes: number): string | undefined {
  return more !== undefined && bytes > MAX_GROUP_BYTES ? `its group is longer than ${MAX_GROUP_BYTES} bytes` : undefined
}
