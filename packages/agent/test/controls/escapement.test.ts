import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createSystemClock, runEscapement, type Tick } from '../../src/index.js'

/** An escapement over a clock that moves only while it sleeps and works. @param work milliseconds that each tick takes; @param oversleep that each sleep takes longer */
async function ticksOf(count: number, work: (number: number) => number, oversleep: () => number = () => 0) {
  let now = 123_456
  const start = now
  const ending = new AbortController()
  const ticks: (Tick & { readonly at: number })[] = []
  await runEscapement({
    clock: { monotonic: () => now },
    intervalMilliseconds: 500,
    signal: ending.signal,
    sleep: async (milliseconds) => {
      now += milliseconds + oversleep()
    },
    onTick: (tick) => {
      ticks.push({ ...tick, at: now - start })
      now += work(tick.number)
      if (ticks.length === count) ending.abort()
    },
  })
  return ticks
}

describe('the escapement', () => {
  test('ten thousand ticks with work in each and sleeps that are too long do not drift', async () => {
    const ticks = await ticksOf(
      10_000,
      () => 120,
      () => 3,
    )
    const [last] = ticks.slice(-1)
    expect(last?.at).toBe(10_000 * 500 + 3)
    expect(ticks.every(({ missed }) => missed === 0)).toBe(true)
  })

  test('after a stall of an hour one tick comes, says how many were left out, and the next is due on the same grid', async () => {
    const ticks = await ticksOf(4, (number) => (number === 2 ? 3600_000 : 0))
    expect(ticks.map(({ at }) => at)).toEqual([500, 1000, 3601_000, 3601_500])
    expect(ticks.map(({ missed }) => missed)).toEqual([0, 0, 7199, 0])
    expect(ticks[2]?.seconds).toBe(3600)
  })

  test('whatever the work takes, ticks never overlap, never come early and never come twice in one interval', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(5000), { minLength: 2, maxLength: 40 }), async (work) => {
        const ticks = await ticksOf(work.length, (number) => work[number - 1] ?? 0)
        const slots = ticks.map(({ at }) => Math.floor(at / 500))
        expect(new Set(slots).size).toBe(slots.length)
        expect(slots).toEqual(slots.toSorted((one, other) => one - other))
        expect(ticks.every(({ late }) => late >= 0)).toBe(true)
      }),
    )
  })

  test('aborting ends it at once, in the middle of a long wait', async () => {
    const ending = new AbortController()
    const ended = runEscapement({
      clock: createSystemClock(),
      intervalMilliseconds: 3600_000,
      signal: ending.signal,
      onTick: () => expect.unreachable(),
    })
    ending.abort()
    await ended
  })

  test('what a tick throws ends it and is told', async () => {
    const ended = runEscapement({
      clock: createSystemClock(),
      intervalMilliseconds: 1,
      signal: new AbortController().signal,
      onTick: () => Promise.reject(new Error('broken')),
    })
    await expect(ended).rejects.toThrow('broken')
  })
})
