import { join } from 'node:path'
import { isJanusError, janusError } from '../errors/janus-error.js'
import { type FileOperations, systemFileOperations } from '../state/file-operations.js'
import { acquireHostLock, type HostLock } from '../state/host-lock.js'
import { prepareStateDirectory } from '../state/prepare-state-directory.js'
import { cutTornEnd } from './cut-torn-end.js'
import { chooseExpired, leftOfExpired } from './expire-segments.js'
import { createGroupCommit, type GroupCommit, writeFailed } from './group-commit.js'
import { EXPIRED_TYPE, type LedgerRecord, REPAIRED_TYPE } from './ledger-record.js'
import { holdReserve, type LedgerReserve } from './ledger-reserve.js'
import { createLedgerTime, type LedgerTime } from './ledger-time.js'
import { ownType } from './own-type.js'
import { type SegmentsFound, scanSegments, segmentDamaged } from './scan-segments.js'
import { createSegment, openSegment, removeSegments, segmentPath } from './segment-files.js'
import type { OpenSegmentedLedgerOptions, SegmentedLedger } from './segmented-ledger.js'
import { createSegmentedTail, type SegmentedTail } from './segmented-tail.js'

const ROTATE_BYTES = 64 * 1024 * 1024
const BATCH_BYTES = 8 * 1024 * 1024
const REMEDY = 'Free space or repair the disk, then open the ledger again: it is verified as a whole then.'
const DAY = 24 * 60 * 60 * 1000

/**
 * Opens a ledger in segments as its only writer: takes the kernel's lock on a file in the directory and holds it until the ledger is closed, verifies every
 * record of every segment in one pass, finishes a dropping of expired segments that was interrupted, cuts an unfinished end of the last
 * segment (keeping its bytes beside it and saying so in a `ledger-repaired` record).
 * @throws JANUS_LEDGER_DAMAGED with `path`, `segment`, `line`, `offset` and `reason` in its data: everything is left as it is;
 * JANUS_STATE_LOCKED naming the process that has it open; JANUS_STATE_DENIED; JANUS_STATE_UNSAFE; JANUS_STATE_WRITE_FAILED;
 * JANUS_LEDGER_WRITE_FAILED; what `onRecord` throws
 */
export async function openSegmentedLedger(options: OpenSegmentedLedgerOptions): Promise<SegmentedLedger> {
  const { directory, purpose = 'ledger' } = options
  await prepareStateDirectory(directory, { uid: process.geteuid?.() ?? 0 })
  const lock = await acquireHostLock(join(directory, 'lock'), { purpose, doing: 'has the ledger open' })
  try {
    return await openLocked(options, lock)
  } catch (error) {
    await lock.release()
    throw error
  }
}

interface Parts {
  readonly options: OpenSegmentedLedgerOptions
  readonly lock: HostLock
  readonly time: LedgerTime
  readonly longestPause: number
  readonly now: () => Date
  readonly operations: FileOperations
  readonly tail: SegmentedTail
  readonly reserve: LedgerReserve
  readonly commit: GroupCommit
}

async function openLocked(options: OpenSegmentedLedgerOptions, lock: HostLock): Promise<SegmentedLedger> {
  const { directory, rotateBytes = ROTATE_BYTES, reserveBytes = 0, longestPause = DAY, onRecord } = options
  const { now = () => new Date(), fileOperations: operations = systemFileOperations } = options
  const time = createLedgerTime(longestPause)
  const found = await scanSegments(directory, {
    time,
    onRecords: (records) => {
      for (const record of records) onRecord?.(record)
    },
  })
  if (found.damage !== undefined) throw segmentDamaged(directory, found.damage)
  const left = leftOfExpired(found.summaries, found.expirations)
  await orWriteFailed(directory, removeSegments(directory, left, operations))
  const summaries = found.summaries.slice(left.length)
  const last = await openLast(directory, found, operations)
  try {
    const keptAs =
      found.torn &&
      (await cutTornEnd({ path: segmentPath(directory, last.segment), ...last }, found.torn, now(), operations))
    const reserve = await holdReserve(directory, reserveBytes, operations)
    const tail = createSegmentedTail({ directory, rotateBytes, operations, last, summaries, time })
    const commit = createGroupCommit({
      path: directory,
      tail,
      head: found.head,
      now,
      remedy: REMEDY,
      batchBytes: Math.min(rotateBytes, BATCH_BYTES),
      makeRoom: () => reserve.release(),
    })
    if (found.torn !== undefined) await commit.append([{ type: REPAIRED_TYPE, payload: { ...found.torn, keptAs } }])
    return ledgerOver({ options, lock, time, longestPause, now, operations, tail, reserve, commit })
  } catch (error) {
    await operations.close(last.descriptor)
    throw error
  }
}

async function openLast(
  directory: string,
  { segments, offset }: SegmentsFound,
  operations: FileOperations,
): Promise<{ readonly segment: number; readonly descriptor: number; readonly offset: number }> {
  const segment = segments.at(-1)
  const opening =
    segment === undefined ? createSegment(directory, 1, operations) : openSegment(directory, segment, operations)
  return { segment: segment ?? 1, descriptor: await orWriteFailed(directory, opening), offset }
}

function ledgerOver(parts: Parts): SegmentedLedger {
  const { options, lock, reserve, commit, tail } = parts
  const { directory } = options
  let closing: Promise<void> | undefined
  let expiring: Promise<unknown> = Promise.resolve()
  const appendAll: SegmentedLedger['appendAll'] = async (records, how) => commit.append(records.map(ownType), how)
  return {
    directory,
    get firstSeq() {
      return tail.summaries[0]?.firstSeq ?? commit.durableHead.seq + 1
    },
    get lastSeq() {
      return commit.head.seq
    },
    get lastHash() {
      return commit.head.hash
    },
    get durableHead() {
      return commit.durableHead
    },
    get reserve() {
      return reserve.state
    },
    append: async (type, payload, how) => {
      const [record] = await appendAll([{ type, payload }], how)
      return record as LedgerRecord
    },
    appendAll,
    compareAndAppend: async (expected, records, how) => {
      const actual = commit.head.seq
      if (actual !== expected) {
        const message = `${directory} is at record ${actual}, not ${expected}`
        throw janusError('JANUS_LEDGER_CONFLICT', message, { data: { path: directory, expected, actual } })
      }
      return appendAll(records, how)
    },
    expire: (before, { reason }) => {
      const expired = expiring.then(() => expire(parts, before, reason))
      expiring = expired.catch(() => undefined)
      return expired
    },
    close: () => {
      closing ??= expiring.then(() => commit.close()).finally(() => lock.release())
      return closing
    },
  }
}

async function expire(
  { options: { directory }, tail, time, longestPause, now, commit, operations }: Parts,
  before: Date,
  reason: string,
): ReturnType<SegmentedLedger['expire']> {
  const closed = tail.summaries.filter(({ segment }) => segment < tail.segment)
  const expired = chooseExpired({ closed, time, longestPause, before, now: now(), reason })
  if (expired === undefined) return undefined
  await commit.append([{ type: EXPIRED_TYPE, payload: expired }])
  const segments = expired.segments.map(({ segment }) => segment)
  // What cannot be removed now goes at the next opening.
  await orWriteFailed(directory, removeSegments(directory, segments, operations))
  tail.forget(Math.max(...segments))
  return expired
}

async function orWriteFailed<Result>(path: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (cause) {
    if (isJanusError(cause)) throw cause
    throw writeFailed(path, cause, REMEDY)
  }
}
