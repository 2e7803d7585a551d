import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createGovernor, type GovernorOptions } from '../../src/index.js'

/** As by default, but for more runs at a time. */
const OPTIONS: GovernorOptions = { targetBacklog: 0, kp: 0.2, ki: 0.05, most: 8, longestStep: 1 }
const TICK = 0.5

/** An executor that takes so many of what waits as it may, each for some ticks. */
function simulate(arrivals: readonly number[], options: Partial<GovernorOptions> = {}, ticksOfRun = 4) {
  const governor = createGovernor({ ...OPTIONS, ...options })
  let waiting = 0
  let running: number[] = []
  return arrivals.map((arriving) => {
    running = running.map((left) => left - 1).filter((left) => left > 0)
    waiting += arriving
    const { allowed, integral, proportional, saturated } = governor.update({ waiting, active: running.length }, TICK)
    const started = Math.max(0, Math.min(waiting, allowed - running.length))
    waiting -= started
    running = [...running, ...Array.from({ length: started }, () => ticksOfRun)]
    return { allowed, integral, proportional, saturated, waiting, active: running.length }
  })
}

const times = <Value>(count: number, value: Value): readonly Value[] => Array.from({ length: count }, () => value)

describe('the governor', () => {
  test('allows one run while nothing waits, and says why in its terms', () => {
    const governor = createGovernor(OPTIONS)
    expect(governor.update({ waiting: 0, active: 0 }, TICK)).toEqual({
      allowed: 1,
      error: -1,
      proportional: -0.2,
      integral: 0,
      saturated: 'low',
    })
    const busy = governor.update({ waiting: 5, active: 1 }, TICK)
    expect(busy.error).toBe(5)
    expect(busy.proportional).toBeCloseTo(1)
    expect(busy.integral).toBeCloseTo(0.125)
    expect(busy.allowed).toBe(2)
  })

  test('a step of work that one run cannot keep up with raises it until the backlog is gone, and no further', () => {
    // Two arrive each tick and a run takes four: eight at a time are needed.
    const course = simulate(times(400, 2), { most: 16 })
    const [last] = course.slice(-1)
    expect(last?.waiting).toBeLessThanOrEqual(1)
    expect(last?.active).toBe(8)
    expect(Math.max(...course.map(({ allowed }) => allowed))).toBeLessThanOrEqual(12)
  })

  test('more work than it may ever allow holds it at its bound, with an integral that the bound can follow', () => {
    const course = simulate(times(2000, 10))
    expect(course.slice(-100).every(({ allowed, saturated }) => allowed === 8 && saturated === 'high')).toBe(true)
    expect(Math.max(...course.map(({ integral }) => integral))).toBeLessThanOrEqual(7)
  })

  test('after four busy ticks it is back at one when nothing waits, not at its bound for ever', () => {
    const course = simulate([...times(4, 20), ...times(400, 0)])
    expect(course.slice(0, 20).some(({ allowed }) => allowed > 4)).toBe(true)
    expect(course.slice(-1)[0]?.allowed).toBe(1)
  })

  test('attack 38: wind-up after a stall: hours that pass in one tick, with everything waiting, count as one short step, and it falls back as fast as without them', () => {
    const ticksToOne = (stall: number): number => {
      const governor = createGovernor(OPTIONS)
      for (let tick = 0; tick < 10; tick += 1) governor.update({ waiting: 50, active: 1 }, TICK)
      governor.update({ waiting: 50, active: 1 }, stall)
      expect(governor.state.integral).toBeLessThanOrEqual(OPTIONS.most - 1)
      let ticks = 0
      while (governor.state.allowed > 1 && ticks < 10_000) {
        governor.update({ waiting: 0, active: 0 }, TICK)
        ticks += 1
      }
      return ticks
    }
    expect(ticksToOne(6 * 3600)).toBeLessThanOrEqual(ticksToOne(TICK) + 2)
    // A stall that arrives while it could still rise does not make it jump either.
    const calm = createGovernor(OPTIONS)
    calm.update({ waiting: 2, active: 1 }, 6 * 3600)
    expect(calm.state.integral).toBeLessThanOrEqual(OPTIONS.ki * 2 * OPTIONS.longestStep)
  })

  test('work that comes and goes every tick does not make it swing from bound to bound', () => {
    const course = simulate(
      Array.from({ length: 400 }, (_, tick) => (tick % 2 === 0 ? 4 : 0)),
      { most: 32 },
    )
    const allowed = course.slice(-100).map((each) => each.allowed)
    expect(Math.max(...allowed) - Math.min(...allowed)).toBeLessThanOrEqual(3)
  })

  test('a target leaves so much waiting', () => {
    const governor = createGovernor({ ...OPTIONS, targetBacklog: 4 })
    for (let tick = 0; tick < 100; tick += 1) governor.update({ waiting: 4, active: 1 }, TICK)
    expect(governor.state.allowed).toBe(1)
    for (let tick = 0; tick < 100; tick += 1) governor.update({ waiting: 6, active: governor.state.allowed }, TICK)
    expect(governor.state.allowed).toBeGreaterThan(4)
  })

  test('whatever it is told, it allows a whole number from one to its bound, and its integral stays within what the bound can follow', () => {
    const odd = fc.oneof(fc.integer({ min: -10, max: 100_000 }), fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY))
    fc.assert(
      fc.property(
        fc.record({
          targetBacklog: fc.integer({ min: 0, max: 10_000 }),
          kp: fc.double({ min: 0, max: 100, noNaN: true }),
          ki: fc.double({ min: 0, max: 100, noNaN: true }),
          most: fc.integer({ min: 1, max: 64 }),
          longestStep: fc.double({ min: 0.1, max: 120, noNaN: true }),
        }),
        fc.array(fc.record({ waiting: odd, active: odd, seconds: fc.oneof(fc.double(), odd) }), { maxLength: 60 }),
        (options, updates) => {
          const governor = createGovernor(options)
          for (const { waiting, active, seconds } of updates) {
            const before = governor.state.integral
            const { allowed, integral, proportional } = governor.update({ waiting, active }, seconds)
            expect(Number.isInteger(allowed) && allowed >= 1 && allowed <= options.most).toBe(true)
            // It never moves past the bound that it moves towards.
            if (integral > before) expect(1 + proportional + integral).toBeLessThanOrEqual(options.most + 1e-6)
            if (integral < before) expect(1 + proportional + integral).toBeGreaterThanOrEqual(1 - 1e-6)
          }
        },
      ),
    )
  })
})
