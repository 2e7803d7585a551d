import { type CheckpointQuestion, type CheckpointVerdict, createCheckpointCheck } from './check-checkpoints.js'
import type { ExpiredPayload } from './expired-payload.js'
import { createLedgerTime } from './ledger-time.js'
import { type SegmentDamage, type SegmentsFound, type SegmentTorn, scanSegments } from './scan-segments.js'

/** What verifying a segmented ledger found. */
export interface SegmentedVerification {
  /** True when nothing is damaged and every checkpoint fits. Without a checkpoint, a cut or rewritten ledger is as intact as any. */
  readonly intact: boolean
  /** Intact records that are held, up to the damage if there is any. */
  readonly records: number
  /** Sequence number of the oldest of them; 1 when there is none. */
  readonly firstSeq: number
  /** Sequence number of the last of them; 0 when there is none. */
  readonly lastSeq: number
  /** Hash of the last of them; sixty-four zeros when there is none. */
  readonly lastHash: string
  /** Files. */
  readonly segments: number
  /** An unfinished end of the last segment: never acknowledged, cut at the next opening for writing. */
  readonly torn?: SegmentTorn
  readonly damage?: SegmentDamage
  /** What the ledger says was dropped, oldest first. */
  readonly expirations: readonly ExpiredPayload[]
  /** How the ledger fits the checkpoints that were given. */
  readonly checkpoints?: CheckpointVerdict
}

/** A segment can expire while it is waiting to be read. */
const MOST_ATTEMPTS = 3

/**
 * Verifies a segmented ledger from its first byte to its last, without a lock and without modifying anything; damage is an answer here, not an error. With
 * checkpoints it needs nothing but the files and the public keys to tell that the end was cut off or everything written anew.
 * @param directory absolute path; an absent one has no records
 * @throws JANUS_NOTE_KEY_INVALID; JANUS_STATE_DENIED; JANUS_STATE_UNSAFE
 */
export async function verifySegmentedLedger(
  directory: string,
  question?: CheckpointQuestion,
): Promise<SegmentedVerification> {
  for (let attempt = 1; ; attempt += 1) {
    const check = question && createCheckpointCheck(question)
    const found = await scanSegments(directory, {
      time: createLedgerTime(0),
      ...(check && { onRecords: (records) => check.take(records) }),
    })
    if (found.isMissing && attempt < MOST_ATTEMPTS) continue
    const { damage, head, expirations } = found
    return verification(found, check?.finish(damage === undefined ? head.seq : undefined, expirations))
  }
}

function verification(found: SegmentsFound, checkpoints: CheckpointVerdict | undefined): SegmentedVerification {
  const { damage, torn, head, summaries, segments, expirations } = found
  return {
    intact: damage === undefined && (checkpoints?.problems.length ?? 0) === 0,
    records: summaries.reduce((sum, { records }) => sum + records, 0),
    firstSeq: summaries[0]?.firstSeq ?? 1,
    lastSeq: head.seq,
    lastHash: head.hash,
    segments: segments.length,
    ...(torn && { torn }),
    ...(damage && { damage }),
    expirations,
    ...(checkpoints && { checkpoints }),
  }
}
