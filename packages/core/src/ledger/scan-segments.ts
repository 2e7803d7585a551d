import { janusError } from '../errors/janus-error.js'
import { type ExpiredPayload, type ExpiredSegment, expiredPayloadOf } from './expired-payload.js'
import type { LedgerRecord } from './ledger-record.js'
import type { LedgerTime } from './ledger-time.js'
import { type LedgerDamage, type LedgerTorn, scanLedger } from './scan-ledger.js'
import { createSegmentChain, EMPTY_HEAD, headAfter, type LedgerHead } from './segment-chain.js'
import { listSegments, segmentPath, withSegment } from './segment-files.js'
import { type SegmentSummary, summarise } from './segment-summary.js'

/** Where a segmented ledger is damaged. */
export interface SegmentDamage extends LedgerDamage {
  /** Number of the segment, from 1. */
  readonly segment: number
}

/** The unfinished end of the last segment. */
export interface SegmentTorn extends LedgerTorn {
  /** Number of the segment, from 1. */
  readonly segment: number
}

/** What lies in a directory of segments. */
export interface SegmentsFound {
  /** Every segment that is there, in order; the last may be empty. */
  readonly segments: readonly number[]
  /** One for each segment that has records. */
  readonly summaries: readonly SegmentSummary[]
  readonly head: LedgerHead
  /** Bytes of intact records in the last segment. */
  readonly offset: number
  readonly torn?: SegmentTorn
  readonly damage?: SegmentDamage
  /** True when the damage is that a segment could not be found. */
  readonly isMissing: boolean
  /** What the `ledger-expired` records say, oldest first. */
  readonly expirations: readonly ExpiredPayload[]
}

/** How segments are scanned. */
export interface ScanSegmentsOptions {
  readonly time: LedgerTime
  /** Gets the records in order, some at a time. */
  readonly onRecords?: (records: readonly LedgerRecord[]) => void
}

/**
 * Reads all segments, verifying each record and its place in the chain, and that whatever is missing before them has expired. Holds a chunk of
 * a file, and one line or group.
 * @throws JANUS_STATE_DENIED; JANUS_STATE_UNSAFE; what `onRecords` throws
 */
export async function scanSegments(
  directory: string,
  { time, onRecords }: ScanSegmentsOptions,
): Promise<SegmentsFound> {
  const segments = await listSegments(directory)
  const first = segments[0] ?? 1
  const chain = createSegmentChain(first === 1 ? EMPTY_HEAD : undefined)
  const summaries: SegmentSummary[] = []
  const expirations: ExpiredPayload[] = []
  let start: LedgerHead | undefined
  let head = EMPTY_HEAD
  let offset = 0
  let torn: SegmentTorn | undefined
  let damage: SegmentDamage | undefined
  let isMissing = false

  const take = (segment: number, records: readonly LedgerRecord[]): void => {
    const [record] = records
    if (record !== undefined) start ??= { seq: record.seq - 1, hash: record.prevHash }
    head = headAfter(records.at(-1))
    const same = summaries.at(-1)?.segment === segment ? summaries.pop() : undefined
    const summary = summarise(same, segment, records, time)
    if (summary !== undefined) summaries.push(summary)
    for (const each of records) {
      const expired = expiredPayloadOf(each)
      if (expired !== undefined) expirations.push(expired)
    }
    onRecords?.(records)
  }

  const scanOne = async (segment: number, descriptor: number): Promise<void> => {
    offset = 0
    for await (const item of scanLedger(descriptor, { chain })) {
      if (item.kind === 'records') {
        take(segment, item.records)
        offset = item.end
      } else if (item.kind === 'damage') {
        damage = { segment, offset: item.offset, line: item.line, reason: item.reason }
      } else if (segment === segments.at(-1)) {
        torn = { segment, offset: item.offset, bytes: item.bytes }
      } else {
        const line = (summaries.at(-1)?.segment === segment ? (summaries.at(-1)?.records ?? 0) : 0) + 1
        damage = { segment, offset: item.offset, line, reason: 'it is unfinished, yet a later segment follows' }
      }
    }
    if (damage === undefined && torn === undefined && offset === 0 && segment !== segments.at(-1)) {
      damage = { segment, offset: 0, line: 1, reason: 'the segment is empty, yet a later one follows' }
    }
  }

  for (const [index, segment] of segments.entries()) {
    const expected = first + index
    const isThere =
      segment === expected && (await withSegment(directory, segment, (open) => scanOne(segment, open).then(() => true)))
    if (isThere !== true) {
      damage = { segment: expected, offset: 0, line: 1, reason: 'the segment is missing' }
      isMissing = true
    }
    if (damage !== undefined) break
  }
  if (
    damage === undefined &&
    first > 1 &&
    !expirations.some(({ segments: gone }) => gone.some(endsAt(first - 1, start)))
  ) {
    damage = { segment: first - 1, offset: 0, line: 1, reason: 'the segment is missing, and no record says it expired' }
  }
  return {
    segments,
    summaries,
    head,
    offset,
    ...(torn !== undefined && { torn }),
    ...(damage !== undefined && { damage }),
    isMissing,
    expirations,
  }
}

/** The error that says where a segmented ledger is damaged. */
export function segmentDamaged(directory: string, { segment, offset, line, reason }: SegmentDamage): Error {
  const path = segmentPath(directory, segment)
  const message = `${path} is damaged at line ${line} (byte ${offset}): ${reason}`
  return janusError('JANUS_LEDGER_DAMAGED', message, { data: { path, segment, offset, line, reason } })
}

function endsAt(segment: number, head: LedgerHead | undefined): (gone: ExpiredSegment) => boolean {
  return (gone) => gone.segment === segment && gone.lastSeq === head?.seq && gone.lastHash === head?.hash
}
