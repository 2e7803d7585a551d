import { EXPIRED_TYPE, type LedgerRecord } from './ledger-record.js'

/** What a `ledger-expired` record says. The segments it names may be gone; nothing else may. */
export interface ExpiredPayload {
  readonly reason: string
  /** Nothing younger was dropped. ISO 8601, UTC. */
  readonly before: string
  /** The oldest segments of the ledger, without a gap. */
  readonly segments: readonly ExpiredSegment[]
}

/** A segment that was dropped. */
export interface ExpiredSegment {
  readonly segment: number
  readonly records: number
  readonly firstSeq: number
  readonly lastSeq: number
  readonly firstHash: string
  readonly lastHash: string
  /** The largest time of any record up to its last. ISO 8601, UTC. */
  readonly latest: string
}

/** What a record says has expired, if that is what it is about. */
export function expiredPayloadOf({ type, payload }: LedgerRecord): ExpiredPayload | undefined {
  if (type !== EXPIRED_TYPE || typeof payload !== 'object' || payload === null) return undefined
  const { reason, before, segments } = payload as unknown as Partial<ExpiredPayload>
  if (typeof reason !== 'string' || typeof before !== 'string' || !Array.isArray(segments)) return undefined
  return segments.length > 0 && segments.every(isExpiredSegment) ? { reason, before, segments } : undefined
}

function isExpiredSegment(value: unknown): value is ExpiredSegment {
  if (typeof value !== 'object' || value === null) return false
  const { segment, records, firstSeq, lastSeq, firstHash, lastHash, latest } = value as Partial<ExpiredSegment>
  return (
    [segment, records, firstSeq, lastSeq].every((count) => Number.isSafeInteger(count)) &&
    [firstHash, lastHash, latest].every((text) => typeof text === 'string')
  )
}
