import type { ExpiredPayload } from './expired-payload.js'
import { createLedgerTime } from './ledger-time.js'
import { type SegmentDamage, type SegmentTorn, scanSegments } from './scan-segments.js'

/** What verifying a segmented ledger found. */
export interface SegmentedVerification {
  /** Intact records that are held, up to the damage if there is any. */
  readonly records: number
  /** Sequence number of the oldest of them; 1 when there is none. */
  readonly firstSeq: number
  /** Sequence number of the last of them; 0 when there is none. */
  readonly lastSeq: number
  /** Hash of the last of them; {@link GENESIS_HASH} when there is none. */
  readonly lastHash: string
  /** Files. */
  readonly segments: number
  /** An unfinished end of the last segment: never acknowledged, cut at the next opening for writing. */
  readonly torn?: SegmentTorn
  readonly damage?: SegmentDamage
  /** What the ledger says was dropped, oldest first. */
  readonly expirations: readonly ExpiredPayload[]
}

/**
 * Verifies a segmented ledger from its first byte to its last, without a lock and without modifying anything; damage is an answer here, not an error.
 * @param directory absolute path; an absent one has no records
 * @throws JANUS_STATE_DENIED; JANUS_STATE_UNSAFE
 */
export async function verifySegmentedLedger(directory: string): Promise<SegmentedVerification> {
  const found = await scanSegments(directory, { time: createLedgerTime(0) })
  return {
    records: found.summaries.reduce((sum, { records }) => sum + records, 0),
    firstSeq: found.summaries[0]?.firstSeq ?? 1,
    lastSeq: found.head.seq,
    lastHash: found.head.hash,
    segments: found.segments.length,
    ...(found.torn && { torn: found.torn }),
    ...(found.damage && { damage: found.damage }),
    expirations: found.expirations,
  }
}
