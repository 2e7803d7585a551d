import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCircuitBreaker } from '../../src/index.js'
import { modelUnavailable } from '../../src/thinking/model-failure.js'
import { settableClock } from '../support/settable-clock.js'

const fails = (retryAfter?: number) => async () => {
  throw modelUnavailable('status', 'it failed', { retryAfter })
}

function breaker() {
  const clock = settableClock()
  return { clock, breaker: createCircuitBreaker({ failures: 3, pauseMilliseconds: 60_000 }, clock) }
}

describe('a circuit breaker', () => {
  test('opens at the failures that it is set to, and lets nothing through', async () => {
    const { breaker: each } = breaker()
    for (let times = 0; times < 2; times += 1) await expect(each.run(fails())).rejects.toThrow('it failed')
    expect(each.state()).toMatchObject({ state: 'closed', failures: 2 })
    await expect(each.run(fails())).rejects.toThrow('it failed')
    expect(each.state()).toEqual({ state: 'open', failures: 3, because: 'it failed', secondsLeft: 60 })
    let asked = false
    const through = each.run(async () => {
      asked = true
    })
    await expect(through).rejects.toMatchObject({ code: 'JANUS_AGENT_MODEL_UNAVAILABLE', data: { kind: 'breaker' } })
    expect(asked).toBe(false)
  })

  test('after its pause lets one through: a success closes it, a failure opens it again', async () => {
    const { breaker: each, clock } = breaker()
    for (let times = 0; times < 3; times += 1) await each.run(fails()).catch(() => undefined)
    clock.pass(60)
    expect(each.state().state).toBe('half-open')
    let end = (): void => undefined
    const trial = each.run(() => new Promise<void>((resolve) => (end = resolve)))
    await expect(each.run(async () => 'too')).rejects.toMatchObject({ data: { kind: 'breaker' } })
    end()
    await trial
    expect(each.state()).toMatchObject({ state: 'closed', failures: 0, because: undefined })
    for (let times = 0; times < 3; times += 1) await each.run(fails()).catch(() => undefined)
    clock.pass(60)
    await each.run(fails()).catch(() => undefined)
    expect(each.state()).toMatchObject({ state: 'open', secondsLeft: 60 })
  })

  test('waits as long as the server asks, an hour at most', async () => {
    const { breaker: each, clock } = breaker()
    await each.run(fails(120_000)).catch(() => undefined)
    expect(each.state()).toMatchObject({ state: 'open', secondsLeft: 120 })
    clock.pass(120)
    await each.run(fails(1e12)).catch(() => undefined)
    expect(each.state().secondsLeft).toBe(3600)
  })

  test('keeps its pause when the wall clock is set', async () => {
    const { breaker: each, clock } = breaker()
    for (let times = 0; times < 3; times += 1) await each.run(fails()).catch(() => undefined)
    clock.set('2036-01-01T00:00:00Z')
    expect(each.state().state).toBe('open')
  })

  test('whatever happens, nothing is let through before the pause is over', async () => {
    const happening = fc.oneof(
      fc.constant('fail' as const),
      fc.constant('succeed' as const),
      fc.integer({ min: 1, max: 90 }),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 60 }), async (happenings) => {
        const { breaker: each, clock } = breaker()
        let [inRow, openedAt] = [0, Number.NEGATIVE_INFINITY]
        for (const happened of happenings) {
          if (typeof happened === 'number') {
            clock.pass(happened)
            continue
          }
          const open = clock.monotonic() < openedAt + 60_000
          let through = false
          await each
            .run(async () => {
              through = true
              if (happened === 'fail') throw modelUnavailable('status', 'x')
            })
            .catch(() => undefined)
          expect(through).toBe(!open)
          if (!through) continue
          inRow = happened === 'fail' ? inRow + 1 : 0
          openedAt = inRow >= 3 ? clock.monotonic() : Number.NEGATIVE_INFINITY
        }
      }),
    )
  })
})
