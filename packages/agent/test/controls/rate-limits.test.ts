import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createRateLimits } from '../../src/index.js'

describe('rate limits', () => {
  test('as many as there are may come at once, the next when it has filled', () => {
    let now = 0
    const limits = createRateLimits({ requests: [{ count: 30, seconds: 60 }] }, { monotonic: () => now })
    for (let count = 0; count < 30; count += 1) expect(limits.take('requests')).toEqual({ allowed: true, wait: 0 })
    expect(limits.take('requests')).toEqual({ allowed: false, wait: 2000 })
    now = 1999
    expect(limits.take('requests').allowed).toBe(false)
    now = 2000
    expect(limits.take('requests').allowed).toBe(true)
    expect(limits.take('requests').allowed).toBe(false)
  })

  test('all limits of a name count, and what one refuses the others do not pay for', () => {
    let now = 0
    const limits = createRateLimits(
      {
        requests: [
          { count: 2, seconds: 1 },
          { count: 3, seconds: 3600 },
        ],
      },
      { monotonic: () => now },
    )
    expect(
      [limits.take('requests'), limits.take('requests'), limits.take('requests')].map(({ allowed }) => allowed),
    ).toEqual([true, true, false])
    now = 10_000
    expect(limits.take('requests').allowed).toBe(true)
    expect(limits.take('requests').allowed).toBe(false)
  })

  test('what has no limit of its name is refused, and so is more than ever fits or nothing at all', () => {
    const limits = createRateLimits({ requests: [{ count: 2, seconds: 1 }], none: [] }, { monotonic: () => 0 })
    const never = { allowed: false, wait: Number.POSITIVE_INFINITY }
    expect(limits.take('other')).toEqual(never)
    expect(limits.take('none')).toEqual(never)
    expect(limits.take('constructor')).toEqual(never)
    expect(limits.take('requests', 3)).toEqual(never)
    expect(limits.take('requests', 0)).toEqual(never)
    expect(limits.take('requests', Number.NaN)).toEqual(never)
  })

  test('a clock that goes back gives nothing', () => {
    let now = 10_000
    const limits = createRateLimits({ requests: [{ count: 1, seconds: 1 }] }, { monotonic: () => now })
    limits.take('requests')
    now = 0
    expect(limits.take('requests').allowed).toBe(false)
    now = 10_500
    expect(limits.take('requests').allowed).toBe(false)
    now = 11_000
    expect(limits.take('requests').allowed).toBe(true)
  })

  test('in no stretch of time more are allowed than the bucket holds and what filled it meanwhile', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 100 }),
        fc.array(fc.nat(5000), { maxLength: 200 }),
        (count, seconds, pauses) => {
          let now = 0
          const limits = createRateLimits({ all: [{ count, seconds }] }, { monotonic: () => now })
          const taken: number[] = []
          for (const pause of pauses) {
            now += pause
            if (limits.take('all').allowed) taken.push(now)
          }
          for (let from = 0; from < taken.length; from += 1)
            for (let to = from; to < taken.length; to += 1) {
              const stretch = ((taken[to] ?? 0) - (taken[from] ?? 0)) / 1000
              expect(to - from + 1).toBeLessThanOrEqual(count + (stretch * count) / seconds + 1e-6)
            }
        },
      ),
    )
  })
})
