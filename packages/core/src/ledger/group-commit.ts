import type { JsonValue } from '../contract/plan.js'
import { janusError } from '../errors/janus-error.js'
import { errnoOf } from '../state/errno-of.js'
import { encodeRecord, type LedgerRecord, MAX_GROUP_BYTES } from './ledger-record.js'
import type { LedgerTail } from './ledger-tail.js'
import { headAfter, type LedgerHead } from './segment-chain.js'

/** A record to be appended. */
export interface NewRecord {
  /** What the record is; names that begin with `ledger-` are the ledger's own. */
  readonly type: string
  /** A JSON value. */
  readonly payload: unknown
}

/** Where appending starts. */
export interface GroupCommitOptions {
  /** Named in errors. */
  readonly path: string
  readonly tail: LedgerTail
  readonly head: LedgerHead
  readonly now: () => Date
  /** Bytes that are written at once, unless one group alone has more. */
  readonly batchBytes?: number
  /** The way out of a failed write. Default: the catalogue's. */
  readonly remedy?: string
  /** Frees room for urgent records on a full disk; false when there is none to free. Left out: there never is. */
  readonly makeRoom?: () => Promise<boolean>
}

/** Appends records in batches: all that wait share one write and one fsync. */
export interface GroupCommit {
  /** The last record appended, be it on the disk yet or not. */
  readonly head: LedgerHead
  /** The last record on the disk. */
  readonly durableHead: LedgerHead
  /** Appends records as of now: all of them, or none. */
  append(records: readonly NewRecord[], options?: { readonly urgent?: boolean }): Promise<readonly LedgerRecord[]>
  close(): Promise<void>
}

interface Waiting {
  readonly urgent: boolean
  sealed: SealedGroup
  readonly resolve: (records: readonly LedgerRecord[]) => void
  readonly reject: (error: unknown) => void
}

type GivenRecord = Pick<LedgerRecord, 'ts' | 'type' | 'payload'>

interface SealedGroup {
  readonly records: readonly LedgerRecord[]
  readonly bytes: Buffer
}

const BATCH_BYTES = 8 * 1024 * 1024

/**
 * Starts appending. The first failure is the last: what could not be written is cut off again, and every later record
 * is refused. Only when nothing but room is missing can urgent records still follow.
 */
export function createGroupCommit({
  path,
  tail,
  now,
  batchBytes = BATCH_BYTES,
  remedy,
  makeRoom,
  ...start
}: GroupCommitOptions): GroupCommit {
  let head = start.head
  let durableHead = start.head
  let waiting: Waiting[] = []
  let draining: Promise<void> | undefined
  let failure: Error | undefined
  let takesUrgent = true
  let closing: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    // One turn of the microtask queue lets the callers of this tick share the first write too.
    await Promise.resolve()
    while (waiting.length > 0) {
      if (failure !== undefined && !(await makeRoom?.())) refuseUrgent(failure)
      const batch = takeBatch()
      const records = batch.flatMap(({ sealed }) => sealed.records)
      try {
        if (records.length > 0) await tail.append(Buffer.concat(batch.map(({ sealed }) => sealed.bytes)), records)
      } catch (cause) {
        fail(batch, cause)
        continue
      }
      durableHead = records.length > 0 ? headAfter(records.at(-1)) : durableHead
      for (const { sealed, resolve } of batch) resolve(sealed.records)
    }
    draining = undefined
  }

  const takeBatch = (): readonly Waiting[] => {
    let bytes = 0
    let count = 0
    for (const { sealed } of waiting) {
      bytes += sealed.bytes.length
      if (count > 0 && bytes > batchBytes) break
      count += 1
    }
    return waiting.splice(0, count)
  }

  /** Nothing after the last durable record exists any more: what is urgent takes the place. */
  const fail = (batch: readonly Waiting[], cause: unknown): void => {
    const hit = [...batch, ...waiting]
    const isFirst = failure === undefined
    const error = writeFailed(path, cause, remedy)
    failure ??= error
    head = durableHead
    waiting = hit.filter(({ urgent }) => urgent)
    for (const { urgent, reject } of hit) if (!urgent) reject(error)
    for (const entry of waiting) entry.sealed = seal(givenIn(entry.sealed))
    if (!isFirst || !isOutOfRoom(cause) || !tail.sound || makeRoom === undefined) refuseUrgent(error)
  }

  const refuseUrgent = (error: Error): void => {
    takesUrgent = false
    head = durableHead
    for (const { reject } of waiting) reject(error)
    waiting = []
  }

  const seal = (given: readonly GivenRecord[]): SealedGroup => {
    const { last, ...sealed } = sealGroup(given, head)
    head = last
    return sealed
  }

  return {
    get head() {
      return { seq: head.seq, hash: head.hash }
    },
    get durableHead() {
      return { seq: durableHead.seq, hash: durableHead.hash }
    },
    append: async (added, { urgent = false } = {}) => {
      if (failure !== undefined && !(urgent && takesUrgent)) throw failure
      if (closing !== undefined) throw writeFailed(path, new Error('it has been closed'), remedy)
      if (added.length === 0) return []
      const ts = now().toISOString()
      const given = added.map(({ type, payload }) => ({ ts, type, payload: payload as JsonValue }))
      const sealed = seal(given)
      return new Promise((resolve, reject) => {
        waiting.push({ urgent, sealed, resolve, reject })
        draining ??= drain()
      })
    },
    close: () => {
      closing ??= (draining ?? Promise.resolve()).then(() => tail.close())
      return closing
    },
  }
}

function sealGroup(given: readonly GivenRecord[], after: LedgerHead): SealedGroup & { readonly last: LedgerHead } {
  const records: LedgerRecord[] = []
  const lines: Buffer[] = []
  let bytes = 0
  let last = after
  for (const [index, fields] of given.entries()) {
    const more = given.length - 1 - index
    const place = { seq: last.seq + 1, prevHash: last.hash, ...(more > 0 && { more }) }
    const { record, line } = encode({ ...fields, ...place })
    records.push(record)
    lines.push(line)
    bytes += line.length
    last = { seq: record.seq, hash: record.hash }
  }
  if (given.length > 1 && bytes > MAX_GROUP_BYTES) {
    throw janusError(
      'JANUS_INTERNAL',
      `${given.length} records have ${bytes} bytes, a group at most ${MAX_GROUP_BYTES}`,
    )
  }
  return { records, bytes: Buffer.concat(lines), last }
}

/** What was appended, from its bytes: whoever gave it may have changed it since. */
function givenIn({ bytes }: SealedGroup): readonly GivenRecord[] {
  const lines = bytes.toString().trimEnd().split('\n')
  return lines.map((line) => {
    const { ts, type, payload } = JSON.parse(line) as LedgerRecord
    return { ts, type, payload }
  })
}

function encode(fields: Omit<LedgerRecord, 'hash'>): { readonly record: LedgerRecord; readonly line: Buffer } {
  try {
    const { record, line } = encodeRecord(fields)
    return { record, line: Buffer.from(line) }
  } catch (cause) {
    throw janusError('JANUS_INTERNAL', `a record of the type ${fields.type} cannot be written to the ledger`, { cause })
  }
}

function isOutOfRoom(error: unknown): boolean {
  const errno = errnoOf(error)
  return errno === 'ENOSPC' || errno === 'EDQUOT'
}

/** The error that says why a ledger could not be written. */
export function writeFailed(path: string, cause: unknown, remedy?: string): Error {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return janusError('JANUS_LEDGER_WRITE_FAILED', `${path} could not be written: ${reason}`, {
    ...(remedy !== undefined && { remedy }),
    data: { path },
    cause,
  })
}
