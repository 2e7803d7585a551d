/** How much time a ledger has seen, by its own records. */
export interface LedgerTime {
  /** The largest time of any record so far, in milliseconds since 1970; -Infinity before the first. */
  readonly latest: number
  /** Milliseconds that passed from record to record, no pause counted for more than the longest that is believed. */
  readonly elapsed: number
  /**
   * Takes the time of the next record.
   * @param ts ISO 8601; what is no time is left out
   */
  observe(ts: string): void
}

/**
 * Starts to follow the clock of a ledger. A clock that was set forward says that years passed between two records: that
 * counts for `longestPause` at most. One that was set back says nothing until it has passed the largest time it had told before.
 * @param longestPause milliseconds
 */
export function createLedgerTime(longestPause: number): LedgerTime {
  let latest = Number.NEGATIVE_INFINITY
  let elapsed = 0
  return {
    get latest() {
      return latest
    },
    get elapsed() {
      return elapsed
    },
    observe(ts) {
      const time = Date.parse(ts)
      if (!(time > latest)) return
      elapsed += believedPause(latest, time, longestPause)
      latest = time
    },
  }
}

/** Milliseconds that are believed to have passed between two times: none backwards, and no more than the longest pause. */
export function believedPause(from: number, to: number, longestPause: number): number {
  return Number.isFinite(from) ? Math.min(Math.max(0, to - from), longestPause) : 0
}
