import { read } from 'node:fs'
import { promisify } from 'node:util'
import { createLedgerChain } from './ledger-chain.js'
import { decodeRecord, type LedgerRecord, MAX_LINE_BYTES } from './ledger-record.js'

/** Where a ledger is damaged. */
export interface LedgerDamage {
  /** Byte offset of the first byte of the damaged line. */
  readonly offset: number
  /** Number of the line, from 1. */
  readonly line: number
  readonly reason: string
}

/** The unfinished last line of a ledger. */
export interface LedgerTorn {
  readonly offset: number
  /** Bytes from there to the end of the file. */
  readonly bytes: number
}

/** One thing found in a ledger, in order. After `torn` or `damage` nothing follows. */
export type LedgerScanItem =
  | { readonly kind: 'record'; readonly record: LedgerRecord /** Offset right behind it. */; readonly end: number }
  | ({ readonly kind: 'torn' } & LedgerTorn)
  | ({ readonly kind: 'damage' } & LedgerDamage)

/** One line as bytes; `bytes` is undefined when it is longer than a record may be. */
interface Line {
  readonly offset: number
  readonly length: number
  readonly bytes: Buffer | undefined
  readonly terminated: boolean
}

const CHUNK_BYTES = 256 * 1024
const NEWLINE = 0x0a
const readOnce = promisify(read)

/**
 * Reads a ledger from its beginning, verifying each record and its place in the chain. Holds one line at a time.
 * @param descriptor open for reading; its offset is not used
 */
export async function* scanLedger(descriptor: number): AsyncGenerator<LedgerScanItem, void, undefined> {
  const chain = createLedgerChain()
  let number = 0
  let end = 0
  for await (const line of readLines(descriptor)) {
    number += 1
    end = line.offset + line.length + 1
    if (!line.terminated && chain.keptToCome === 0) {
      yield { kind: 'torn', offset: line.offset, bytes: line.length }
      return
    }
    const decoded = decodeLine(line)
    const reason = 'reason' in decoded ? decoded.reason : chain.follow(decoded)
    if ('reason' in decoded || reason !== undefined) {
      yield { kind: 'damage', offset: line.offset, line: number, reason: reason ?? 'it is not a ledger record' }
      return
    }
    yield { kind: 'record', record: decoded, end }
  }
  if (chain.keptToCome > 0) {
    yield {
      kind: 'damage',
      offset: end,
      line: number + 1,
      reason: `${chain.keptToCome} records that a rewrite kept are missing`,
    }
  }
}

function decodeLine(line: Line): LedgerRecord | { readonly reason: string } {
  if (line.bytes === undefined) return { reason: `it is longer than ${MAX_LINE_BYTES} bytes` }
  // An unfinished line comes here only among the records that a rewrite kept, and a rewrite is never seen half done.
  return line.terminated
    ? decodeRecord(line.bytes)
    : { reason: 'it is unfinished, amid the records that a rewrite kept' }
}

async function* readLines(descriptor: number): AsyncGenerator<Line, void, undefined> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  let lineStart = 0
  let position = 0
  let length = 0
  let parts: Buffer[] = []
  const take = (piece: Buffer): void => {
    length += piece.length
    if (length > MAX_LINE_BYTES) parts = []
    else parts.push(piece)
  }
  const line = (terminated: boolean): Line => ({
    offset: lineStart,
    length,
    bytes: length > MAX_LINE_BYTES ? undefined : parts.length === 1 ? parts[0] : Buffer.concat(parts),
    terminated,
  })
  for (;;) {
    const { bytesRead } = await readOnce(descriptor, chunk, 0, CHUNK_BYTES, position)
    if (bytesRead === 0) break
    let from = 0
    for (;;) {
      const at = chunk.subarray(0, bytesRead).indexOf(NEWLINE, from)
      if (at === -1) break
      take(chunk.subarray(from, at))
      yield line(true)
      from = at + 1
      lineStart = position + from
      length = 0
      parts = []
    }
    if (from < bytesRead) take(Buffer.from(chunk.subarray(from, bytesRead)))
    position += bytesRead
  }
  if (length > 0) yield line(false)
}
