import type { LedgerRecord } from './ledger-record.js'
import type { LedgerTime } from './ledger-time.js'

/** What is remembered of a segment. */
export interface SegmentSummary {
  /** Its number, from 1. */
  readonly segment: number
  readonly records: number
  readonly firstSeq: number
  readonly lastSeq: number
  readonly firstHash: string
  readonly lastHash: string
  /** The largest time of any record up to its last, those of the segments before included; milliseconds since 1970. */
  readonly latest: number
  /** What the ledger had seen pass by then, in milliseconds. */
  readonly elapsed: number
}

/** Takes the next records of a segment into its summary. */
export function summarise(
  summary: SegmentSummary | undefined,
  segment: number,
  records: readonly LedgerRecord[],
  time: LedgerTime,
): SegmentSummary | undefined {
  const first = records[0]
  const last = records.at(-1)
  if (first === undefined || last === undefined) return summary
  for (const { ts } of records) time.observe(ts)
  return {
    segment,
    records: (summary?.records ?? 0) + records.length,
    firstSeq: summary?.firstSeq ?? first.seq,
    firstHash: summary?.firstHash ?? first.hash,
    lastSeq: last.seq,
    lastHash: last.hash,
    latest: time.latest,
    elapsed: time.elapsed,
  }
}
