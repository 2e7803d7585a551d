import type { Clock } from '../contract/clock.js'

/** Requests that all runs together may make. */
export interface RequestBudget {
  /** Counts one request. @returns why there is none left, else undefined */
  take(): string | undefined
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/**
 * Makes the budget of `security.network.rate_limits`, counted in windows that slide. What is refused is not counted.
 * @param limits requests
 */
export function createRequestBudget(
  clock: Pick<Clock, 'monotonic'>,
  { perMinute, perHour }: { readonly perMinute: number; readonly perHour: number },
): RequestBudget {
  let taken: number[] = []
  return {
    take() {
      const now = clock.monotonic()
      // The clock starts again with the machine, and nothing that was counted before does.
      taken = taken.filter((at) => at <= now && at > now - HOUR)
      if (taken.length >= perHour) return `${perHour} requests were made within an hour`
      const minute = taken.filter((at) => at > now - MINUTE).length
      if (minute >= perMinute) return `${perMinute} requests were made within a minute`
      taken.push(now)
      return undefined
    },
  }
}
