import { janusError } from '../errors/janus-error.js'
import type { ExpiredPayload } from './expired-payload.js'
import { believedPause, type LedgerTime } from './ledger-time.js'
import type { SegmentSummary } from './segment-summary.js'

/** What decides over the age of segments. */
export interface ExpiryQuestion {
  /** Those that are not appended to any more, oldest first. */
  readonly closed: readonly SegmentSummary[]
  readonly time: LedgerTime
  readonly longestPause: number
  readonly before: Date
  readonly now: Date
  readonly reason: string
}

/**
 * Chooses the oldest segments that are older than a limit, by the wall clock and by the ledger's own time.
 * @returns undefined when there is none
 * @throws JANUS_USAGE when the limit is no time, or later than now
 */
export function chooseExpired(question: ExpiryQuestion): ExpiredPayload | undefined {
  const { closed, time, longestPause, before, now, reason } = question
  const age = now.getTime() - before.getTime()
  if (!(age >= 0)) {
    throw janusError('JANUS_USAGE', 'segments expire before a time that is not later than now', {
      remedy: 'Pass an earlier time.',
      data: { now: now.toISOString() },
    })
  }
  const elapsed = time.elapsed + believedPause(time.latest, now.getTime(), longestPause)
  const isOld = (summary: SegmentSummary): boolean =>
    summary.latest < before.getTime() && elapsed - summary.elapsed >= age
  const young = closed.findIndex((summary) => !isOld(summary))
  const expired = young === -1 ? closed : closed.slice(0, young)
  if (expired.length === 0) return undefined
  const segments = expired.map(({ latest, elapsed: _, ...rest }) => ({
    ...rest,
    latest: new Date(latest).toISOString(),
  }))
  return { reason, before: before.toISOString(), segments }
}

/** Segments that are still there although a record says that they have expired: dropping them was interrupted. */
export function leftOfExpired(
  summaries: readonly SegmentSummary[],
  expirations: readonly ExpiredPayload[],
): readonly number[] {
  const hashes = new Map(expirations.flatMap(({ segments }) => segments.map((gone) => [gone.segment, gone.lastHash])))
  const stays = summaries.findIndex(({ segment, lastHash }) => hashes.get(segment) !== lastHash)
  return (stays === -1 ? [] : summaries.slice(0, stays)).map(({ segment }) => segment)
}
