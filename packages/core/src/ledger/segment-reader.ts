import type { LedgerRecord } from './ledger-record.js'
import { type LedgerScanItem, scanLedger } from './scan-ledger.js'
import { segmentDamaged } from './scan-segments.js'
import { createSegmentChain, EMPTY_HEAD, headAfter, type LedgerHead } from './segment-chain.js'
import { hasSegment, listSegments, withSegment } from './segment-files.js'

/** Where a reader stands: right behind a record. A JSON value, so that another process can go on from it. */
export interface LedgerPosition extends LedgerHead {
  /** Number of the segment, from 1. */
  readonly segment: number
  /** Offset right behind the record. */
  readonly offset: number
  /** Number of the record's line, from 1. */
  readonly line: number
}

/** Where reading begins. */
export interface ReadSegmentsOptions {
  /** Sequence number of the first record wanted; the oldest that is still held when it has expired. Default: 1. */
  readonly fromSeq?: number
  /** Where an earlier reader stood, instead of `fromSeq`. */
  readonly after?: LedgerPosition
}

/** Reads a segmented ledger as it grows. */
export interface SegmentReader {
  /** Behind the last record that was read; undefined before the first. */
  readonly position: LedgerPosition | undefined
  /**
   * The next records, some at a time; none when there are no more yet. Nothing is held open between two calls.
   * @throws JANUS_LEDGER_DAMAGED; JANUS_STATE_DENIED; JANUS_STATE_UNSAFE
   */
  next(): Promise<readonly LedgerRecord[]>
}

type RecordsItem = Extract<LedgerScanItem, { kind: 'records' }>

/** Where in the files to read next. */
interface Place {
  readonly segment: number
  readonly offset: number
  readonly line: number
  /** The record before; undefined: not known, because it is not read. */
  readonly head: LedgerHead | undefined
}

/**
 * Starts to read a segmented ledger beside its writer: takes no lock, modifies nothing, verifies each record and that it follows the one before.
 * What the writer has not finished is not returned; what it has written but not yet acknowledged may be, and is gone again if its disk then fails.
 * @param directory absolute path
 */
export function createSegmentReader(
  directory: string,
  { fromSeq = 1, after }: ReadSegmentsOptions = {},
): SegmentReader {
  let position = after
  let place: Place | undefined = after && { ...after, head: after }

  const take = ({ records, end, line }: RecordsItem, { segment }: Place): void => {
    const { seq, hash } = headAfter(records.at(-1))
    position = { segment, offset: end, line, seq, hash }
    place = { ...position, head: position }
  }

  return {
    get position() {
      return position
    },
    next: async () => {
      for (;;) {
        place ??= await findPlace(directory, fromSeq)
        if (place === undefined) return []
        let item = await readAt(directory, place)
        const later: Place | undefined = item === undefined ? await placeAfter(directory, place) : undefined
        // The writer may have gone on in this segment before it began the later one.
        if (later !== undefined) item = await readAt(directory, place)
        if (item === undefined) {
          if (later === undefined) return []
          // The segment where reading was to begin may have expired meanwhile.
          const isGone = position === undefined && !(await hasSegment(directory, place.segment))
          place = isGone ? undefined : later
          continue
        }
        take(item, place)
        const wanted = item.records.filter(({ seq }) => seq >= fromSeq)
        if (wanted.length > 0) return wanted
      }
    },
  }
}

/**
 * The records of a segmented ledger in order, up to what is its end when it is reached: {@link createSegmentReader}, record by record.
 * @param directory absolute path; an absent one has no records
 * @throws JANUS_LEDGER_DAMAGED after the last intact record; JANUS_STATE_DENIED; JANUS_STATE_UNSAFE
 */
export async function* readSegments(
  directory: string,
  options: ReadSegmentsOptions = {},
): AsyncGenerator<LedgerRecord, void, undefined> {
  const reader = createSegmentReader(directory, options)
  for (let records = await reader.next(); records.length > 0; records = await reader.next()) yield* records
}

/** The records right behind a place; undefined when there is no whole one, or the segment is not there any more. */
async function readAt(directory: string, place: Place): Promise<RecordsItem | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const item = await withSegment(directory, place.segment, (descriptor) => firstItem(descriptor, place))
    if (item?.kind === 'records') return item
    if (item?.kind !== 'damage') return undefined
    // A writer that cuts off what it could not finish may have been seen half way: what is wrong stays wrong.
    if (attempt === 2) throw segmentDamaged(directory, { segment: place.segment, ...item })
  }
}

async function firstItem(descriptor: number, { offset, line, head }: Place): Promise<LedgerScanItem | undefined> {
  for await (const item of scanLedger(descriptor, { chain: createSegmentChain(head), after: { offset, line } }))
    return item
  return undefined
}

async function placeAfter(directory: string, { segment, head }: Place): Promise<Place | undefined> {
  const next = { segment: segment + 1, offset: 0, line: 0, head }
  if (await hasSegment(directory, next.segment)) return next
  // The next one may have expired, or may be missing: what comes then tells which.
  const later = (await listSegments(directory)).find((each) => each > segment)
  return later === undefined ? undefined : { ...next, segment: later }
}

/** The beginning of the last segment that begins at or before a record; of the first one when all begin later. */
async function findPlace(directory: string, seq: number): Promise<Place | undefined> {
  const segments = await listSegments(directory)
  let [low, high] = [0, segments.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const first = await firstSeqOf(directory, segments[middle] ?? 0)
    if (first === undefined || first > seq) high = middle - 1
    else low = middle
  }
  const segment = segments[low]
  if (segment === undefined) return undefined
  return { segment, offset: 0, line: 0, head: segment === 1 ? EMPTY_HEAD : undefined }
}

/** Of a segment that cannot be read, only reading it in its turn can tell why. */
async function firstSeqOf(directory: string, segment: number): Promise<number | undefined> {
  const start: Place = { segment, offset: 0, line: 0, head: undefined }
  const item = await withSegment(directory, segment, (descriptor) => firstItem(descriptor, start))
  return item?.kind === 'records' ? item.records[0]?.seq : undefined
}
