import { setTimeout as delay } from 'node:timers/promises'
import type { Clock } from '../contract/clock.js'

/** What an escapement is run with. */
export interface EscapementOptions {
  readonly clock: Pick<Clock, 'monotonic'>
  readonly intervalMilliseconds: number
  /** Ends it at once. */
  readonly signal: AbortSignal
  /** Awaited: the next tick comes after it. */
  onTick(tick: Tick): void | Promise<void>
  /** Waits, or is aborted. Default: a timer of Node. */
  sleep?(milliseconds: number, signal: AbortSignal): Promise<void>
}

/** One tick. */
export interface Tick {
  /** From 1; ticks that were left out are not counted. */
  readonly number: number
  /** Ticks left out since the one before, because the process stood still or was busy. */
  readonly missed: number
  /** Milliseconds after it was due. */
  readonly late: number
  /** Seconds since the tick before. */
  readonly seconds: number
}

/**
 * Ticks until it is aborted. Every tick is due at a whole multiple of the interval after the start, so nothing adds up to a drift; what came due during a stall is left out, so
 * nothing piles up after it.
 * @throws what `onTick` throws: then it has ended
 */
export async function runEscapement(options: EscapementOptions): Promise<void> {
  const { clock, intervalMilliseconds: interval, signal, onTick, sleep = sleepFor } = options
  const origin = clock.monotonic()
  let last = origin
  let slot = 0
  for (let number = 1; !signal.aborted; number += 1) {
    slot += 1
    const due = origin + slot * interval
    for (let left = due - clock.monotonic(); left > 0 && !signal.aborted; left = due - clock.monotonic())
      await sleep(left, signal)
    if (signal.aborted) return
    const now = clock.monotonic()
    const missed = Math.max(0, Math.floor((now - due) / interval))
    slot += missed
    await onTick({ number, missed, late: now - due, seconds: (now - last) / 1000 })
    last = now
  }
}

async function sleepFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  // Being aborted is the end that is asked for.
  await delay(milliseconds, undefined, { signal, ref: true }).catch(() => undefined)
}
