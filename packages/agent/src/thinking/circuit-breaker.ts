import type { Clock } from '../contract/clock.js'
import type { BreakerSettings } from '../settings/uses/model-of.js'
import { modelFailureOf, modelUnavailable } from './model-failure.js'

/** Where a breaker stands. */
export interface BreakerState {
  /** `closed`: asking is permitted; `open`: it is not; `half-open`: the next question is a trial. */
  readonly state: 'closed' | 'open' | 'half-open'
  /** Failures one after another. */
  readonly failures: number
  /** The last failure in words; undefined when there was none since it last closed. */
  readonly because: string | undefined
  /** Seconds until a trial is permitted; 0 unless it is open. */
  readonly secondsLeft: number
}

/** Leaves something alone that fails again and again. */
export interface CircuitBreaker {
  /**
   * Does what may fail. Being cancelled is no failure.
   * @throws JANUS_AGENT_MODEL_UNAVAILABLE of the kind `breaker` while it is open or a trial is under way; what `work` throws
   */
  run<Answer>(work: () => Promise<Answer>): Promise<Answer>
  state(): BreakerState
}

/** A server does not put itself out of use for longer than this, milliseconds. */
const LONGEST_PAUSE = 3_600_000

/** A breaker that is closed. Its pauses are measured on the monotonic clock. */
export function createCircuitBreaker(
  { failures: most, pauseMilliseconds }: BreakerSettings,
  { monotonic }: Pick<Clock, 'monotonic'>,
): CircuitBreaker {
  let failures = 0
  let because: string | undefined
  let openUntil: number | undefined
  let trial = false

  const secondsLeft = (): number => Math.max(0, Math.ceil(((openUntil ?? 0) - monotonic()) / 1000))

  const state = (): BreakerState => ({
    state: openUntil === undefined ? 'closed' : monotonic() < openUntil ? 'open' : 'half-open',
    failures,
    because,
    secondsLeft: openUntil === undefined ? 0 : secondsLeft(),
  })

  const fail = (error: unknown): void => {
    const failure = modelFailureOf(error)
    if (failure?.kind === 'cancelled') return
    failures += 1
    because = error instanceof Error ? error.message : String(error)
    const { retryAfter } = failure ?? {}
    // Who says when to come again is not asked before, however few failures there were.
    if (failures >= most || openUntil !== undefined || retryAfter !== undefined)
      openUntil = monotonic() + Math.min(LONGEST_PAUSE, Math.max(retryAfter ?? 0, pauseMilliseconds))
  }

  return {
    state,
    run: async (work) => {
      const { state: now } = state()
      if (now === 'open' || (now === 'half-open' && trial)) {
        throw modelUnavailable(
          'breaker',
          now === 'open'
            ? `the breaker is open for ${secondsLeft()} s more, after ${failures} failures; the last: ${because}`
            : 'the breaker tries whether the model answers again',
        )
      }
      const isTrial = now === 'half-open'
      trial ||= isTrial
      try {
        const answer = await work()
        failures = 0
        because = undefined
        openUntil = undefined
        return answer
      } catch (error) {
        fail(error)
        throw error
      } finally {
        if (isTrial) trial = false
      }
    },
  }
}
