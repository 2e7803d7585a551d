/** Time as the agent sees it; injected, so that tests own it. */
export interface Clock {
  /** Wall clock: recorded, never used for a duration. */
  now(): Date
  /** Milliseconds that only ever grow, also over a suspend where the kernel tells (CLOCK_BOOTTIME), else CLOCK_MONOTONIC. */
  monotonic(): number
}
