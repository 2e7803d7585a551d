import { constants, fchmod, fchown } from 'node:fs'
import { lstat, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { janusError } from '../errors/janus-error.js'
import { errnoOf } from '../state/errno-of.js'
import { type FileOperations, fsyncDirectory, systemFileOperations, writeAll } from '../state/file-operations.js'
import type { PrunedPayload } from './ledger-chain.js'
import { encodeRecord, type LedgerRecord, PRUNED_TYPE, REPAIRED_TYPE } from './ledger-record.js'
import { openLedger } from './open-ledger.js'
import { type LedgerFile, openLedgerFile } from './open-ledger-file.js'
import { ledgerDamaged } from './read-ledger.js'
import { scanLedger } from './scan-ledger.js'

/** How a ledger is rewritten. */
export interface RewriteLedgerOptions {
  /** Why, recorded in the new file. */
  readonly reason: string
  readonly now?: () => Date
  readonly fileOperations?: FileOperations
}

/** What a rewrite did. */
export interface RewriteResult {
  readonly removed: number
  readonly kept: number
}

const WRITE_BYTES = 1024 * 1024
const changeMode = promisify(fchmod)
const changeOwner = promisify(fchown)

/**
 * Drops records from a ledger, for retention. The new file begins with a `ledger-pruned` record that continues the
 * sequence and the hash chain of the old one and says how many records are gone; each kept record follows with its own time, type and
 * payload, and an `origin` from which the hash it had can be recomputed. The ledger's own records are always kept. The old file
 * is whole until the new one is, and nothing is written when nothing is to be dropped.
 * @param path absolute path of a ledger that nobody has open for appending
 * @param keep asked once for each record, in order
 * @throws JANUS_LEDGER_DAMAGED, JANUS_STATE_LOCKED, JANUS_STATE_DENIED, JANUS_STATE_UNSAFE; JANUS_LEDGER_WRITE_FAILED: the old ledger still stands
 */
export async function rewriteLedger(
  path: string,
  keep: (record: LedgerRecord) => boolean,
  { reason, now = () => new Date(), fileOperations = systemFileOperations }: RewriteLedgerOptions,
): Promise<RewriteResult> {
  if (!(await isThere(path))) return { removed: 0, kept: 0 }
  // Opening for appending is what repairs an unfinished end.
  await (await openLedger({ path, now, fileOperations })).close()
  const file = await openLedgerFile(path, fileOperations)
  try {
    const survey = await surveyOf(file, keep)
    const result = { removed: survey.removed.size, kept: survey.kept }
    if (result.removed === 0) return result
    const head = encodeRecord({
      seq: survey.lastSeq + 1,
      ts: now().toISOString(),
      type: PRUNED_TYPE,
      payload: { ...result, ...survey.ends, lastSeq: survey.lastSeq, reason } satisfies PrunedPayload,
      prevHash: survey.ends.lastHash,
    })
    await replaceFile(file, linesOf(file, head, survey.removed), fileOperations)
    return result
  } finally {
    await fileOperations.close(file.descriptor)
  }
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}

interface Survey {
  /** Sequence numbers of the records to drop. */
  readonly removed: ReadonlySet<number>
  readonly kept: number
  readonly lastSeq: number
  readonly ends: { readonly firstHash: string; readonly lastHash: string }
}

async function surveyOf(file: LedgerFile, keep: (record: LedgerRecord) => boolean): Promise<Survey> {
  const removed = new Set<number>()
  let first: LedgerRecord | undefined
  let last: LedgerRecord | undefined
  let kept = 0
  for await (const record of recordsOf(file)) {
    first ??= record
    last = record
    if (record.type === PRUNED_TYPE || record.type === REPAIRED_TYPE || keep(record)) kept += 1
    else removed.add(record.seq)
  }
  return { removed, kept, lastSeq: last?.seq ?? 0, ends: { firstHash: first?.hash ?? '', lastHash: last?.hash ?? '' } }
}

async function* linesOf(
  file: LedgerFile,
  head: { readonly record: LedgerRecord; readonly line: string },
  removed: ReadonlySet<number>,
): AsyncGenerator<string, void, undefined> {
  yield head.line
  let previous = head.record
  for await (const { seq, ts, type, payload, prevHash, hash, origin } of recordsOf(file)) {
    if (removed.has(seq)) continue
    const moved = { seq: previous.seq + 1, ts, type, payload, prevHash: previous.hash }
    const { record, line } = encodeRecord({ ...moved, origin: origin ?? { seq, prevHash, hash } })
    previous = record
    yield line
  }
}

async function* recordsOf(file: LedgerFile): AsyncGenerator<LedgerRecord, void, undefined> {
  for await (const item of scanLedger(file.descriptor)) {
    if (item.kind === 'damage') throw ledgerDamaged(file.path, item)
    if (item.kind === 'records') yield* item.records
  }
}

async function replaceFile(file: LedgerFile, lines: AsyncIterable<string>, operations: FileOperations): Promise<void> {
  const temporary = `${file.path}.rewrite`
  try {
    // What an interrupted rewrite left: the lock on the ledger says that nobody is writing it.
    await rm(temporary, { force: true })
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    const descriptor = await operations.open(temporary, flags, 0o600)
    try {
      await writeLines(descriptor, lines, operations)
      await changeOwner(descriptor, file.uid, file.gid)
      await changeMode(descriptor, file.mode)
      await operations.fsync(descriptor)
    } finally {
      await operations.close(descriptor)
    }
    await rename(temporary, file.path)
    await fsyncDirectory(dirname(file.path), operations)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw janusError('JANUS_LEDGER_WRITE_FAILED', `${file.path} could not be rewritten`, {
      data: { path: file.path },
      cause,
    })
  }
}

async function writeLines(descriptor: number, lines: AsyncIterable<string>, operations: FileOperations): Promise<void> {
  let buffered: Buffer[] = []
  let bytes = 0
  const flush = async (): Promise<void> => {
    await writeAll(descriptor, Buffer.concat(buffered), operations)
    buffered = []
    bytes = 0
  }
  for await (const line of lines) {
    const piece = Buffer.from(line)
    buffered.push(piece)
    bytes += piece.length
    if (bytes >= WRITE_BYTES) await flush()
  }
  await flush()
}
