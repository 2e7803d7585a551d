import type { JsonValue } from '../contract/plan.js'
import { janusError } from '../errors/janus-error.js'
import type { FileOperations } from '../state/file-operations.js'
import { encodeRecord, type LedgerRecord } from './ledger-record.js'

/** Where appending starts. */
export interface GroupCommitOptions {
  readonly path: string
  /** Open for appending, at `offset`. */
  readonly descriptor: number
  /** Bytes of intact records in the file. */
  readonly offset: number
  readonly lastSeq: number
  readonly lastHash: string
  readonly now: () => Date
  readonly operations: FileOperations
}

/** Appends records in batches: all that wait share one write and one fsync. */
export interface GroupCommit {
  readonly lastSeq: number
  readonly lastHash: string
  /** Appends a record as of now. */
  append(type: string, payload: unknown): Promise<LedgerRecord>
  close(): Promise<void>
}

interface Waiting {
  readonly bytes: Buffer
  readonly record: LedgerRecord
  readonly resolve: (record: LedgerRecord) => void
  readonly reject: (error: unknown) => void
}

const BATCH_BYTES = 8 * 1024 * 1024

/**
 * Starts appending. The first failure is the last: what could not be written is cut off again, and every later record
 * is refused. After a failed fsync nobody knows what the kernel dropped, so it is never tried again.
 */
export function createGroupCommit({ path, descriptor, now, operations, ...start }: GroupCommitOptions): GroupCommit {
  let { offset, lastSeq, lastHash } = start
  let waiting: Waiting[] = []
  let draining: Promise<void> | undefined
  let failure: Error | undefined
  let closing: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    // One turn of the microtask queue lets the callers of this tick share the first write too.
    await Promise.resolve()
    while (waiting.length > 0) {
      const batch = takeBatch()
      try {
        await write(Buffer.concat(batch.map(({ bytes }) => bytes)))
        for (const { record, resolve } of batch) resolve(record)
      } catch (cause) {
        failure = writeFailed(path, cause)
        for (const { reject } of [...batch, ...waiting]) reject(failure)
        waiting = []
      }
    }
    draining = undefined
  }

  const takeBatch = (): Waiting[] => {
    let bytes = 0
    let count = 0
    for (const entry of waiting) {
      bytes += entry.bytes.length
      if (count > 0 && bytes > BATCH_BYTES) break
      count += 1
    }
    const batch = waiting.slice(0, count)
    waiting = waiting.slice(count)
    return batch
  }

  const write = async (bytes: Buffer): Promise<void> => {
    try {
      const written = await operations.write(descriptor, bytes)
      if (written !== bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes were written`)
    } catch (error) {
      await cutBack(true)
      throw error
    }
    try {
      await operations.fsync(descriptor)
    } catch (error) {
      await cutBack(false)
      throw error
    }
    offset += bytes.length
  }

  /** Best effort: when it fails too, what is left is records nobody was told of, or an unfinished line. */
  const cutBack = async (durably: boolean): Promise<void> => {
    try {
      await operations.truncate(descriptor, offset)
      if (durably) await operations.fsync(descriptor)
    } catch {}
  }

  return {
    get lastSeq() {
      return lastSeq
    },
    get lastHash() {
      return lastHash
    },
    append: async (type, payload) => {
      if (failure !== undefined) throw failure
      if (closing !== undefined) throw writeFailed(path, new Error('it has been closed'))
      const ts = now().toISOString()
      const { record, line } = encode({ seq: lastSeq + 1, ts, type, payload: payload as JsonValue, prevHash: lastHash })
      lastSeq = record.seq
      lastHash = record.hash
      return new Promise((resolve, reject) => {
        waiting.push({ bytes: Buffer.from(line), record, resolve, reject })
        draining ??= drain()
      })
    },
    close: () => {
      closing ??= (draining ?? Promise.resolve()).then(() => operations.close(descriptor))
      return closing
    },
  }
}

function encode(fields: Omit<LedgerRecord, 'hash'>): ReturnType<typeof encodeRecord> {
  try {
    return encodeRecord(fields)
  } catch (cause) {
    throw janusError('JANUS_INTERNAL', `a record of the type ${fields.type} cannot be written to the ledger`, { cause })
  }
}

function writeFailed(path: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return janusError('JANUS_LEDGER_WRITE_FAILED', `${path} could not be written: ${reason}`, { data: { path }, cause })
}
