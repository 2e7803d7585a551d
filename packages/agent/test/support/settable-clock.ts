import type { Clock } from '../../src/index.js'

/** A clock that a test owns: wall and monotonic time stand still until it moves them, each on its own if it likes. */
export interface SettableClock extends Clock {
  /** Lets time pass. @param seconds on both clocks */
  pass(seconds: number): void
  /** Sets the wall clock, as an operator would. */
  set(time: string): void
  /** Starts the monotonic clock again, as a reboot does. */
  reboot(): void
}

/** @param start ISO 8601 */
export function settableClock(start = '2026-03-01T12:00:00.000Z'): SettableClock {
  let wall = Date.parse(start)
  let monotonic = 1_000_000
  return {
    now: () => new Date(wall),
    monotonic: () => monotonic,
    pass: (seconds) => {
      wall += seconds * 1000
      monotonic += seconds * 1000
    },
    set: (time) => {
      wall = Date.parse(time)
    },
    reboot: () => {
      monotonic = 0
    },
  }
}
