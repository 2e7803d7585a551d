import type { Clock } from '../contract/clock.js'

/** So many in so much time; as many may come at once. */
export interface RateLimit {
  readonly count: number
  readonly seconds: number
}

/** Whether something may be done now. */
export interface RateAnswer {
  readonly allowed: boolean
  /** Milliseconds until it may be asked again; 0 when it is allowed, infinite for what has no limit of its name or asks for more than ever fits. */
  readonly wait: number
}

/** Token buckets by name. */
export interface RateLimits {
  /** Takes from every bucket of the name, or from none. What has no bucket is refused. @param amount default 1 */
  take(name: string, amount?: number): RateAnswer
}

interface Bucket extends RateLimit {
  tokens: number
  at: number
}

const MILLISECONDS = 1000

/**
 * Token buckets that fill evenly on the monotonic clock: setting the wall clock gives nothing.
 * @param limits all of a name count together, as 30 a minute and 500 an hour
 */
export function createRateLimits(
  limits: Readonly<Record<string, readonly RateLimit[]>>,
  clock: Pick<Clock, 'monotonic'>,
): RateLimits {
  const start = clock.monotonic()
  const buckets = new Map(
    Object.entries(limits).map(([name, each]): [string, readonly Bucket[]] => [
      name,
      each.map((limit) => ({ ...limit, tokens: limit.count, at: start })),
    ]),
  )
  return {
    take: (name, amount = 1) => {
      const named = buckets.get(name)
      if (named === undefined || named.length === 0 || !(amount > 0))
        return { allowed: false, wait: Number.POSITIVE_INFINITY }
      const now = clock.monotonic()
      for (const bucket of named) fill(bucket, now)
      const wait = Math.max(...named.map((bucket) => waitFor(bucket, amount)))
      if (wait > 0) return { allowed: false, wait }
      for (const bucket of named) bucket.tokens -= amount
      return { allowed: true, wait: 0 }
    },
  }
}

function fill(bucket: Bucket, now: number): void {
  const passed = Math.max(0, now - bucket.at)
  bucket.at = Math.max(bucket.at, now)
  bucket.tokens = Math.min(bucket.count, bucket.tokens + (passed * bucket.count) / (bucket.seconds * MILLISECONDS))
}

function waitFor({ tokens, count, seconds }: Bucket, amount: number): number {
  if (amount > count) return Number.POSITIVE_INFINITY
  return Math.max(0, Math.ceil(((amount - tokens) * seconds * MILLISECONDS) / count))
}
