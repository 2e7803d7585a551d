import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createReliefValve, type HostMeasures, RELIEF_STAGES, reliefRulesOf } from '../../src/index.js'

const RULES = { cpuPercent: 90, memoryPercent: 90, samples: 3 }

const host = (measures: Partial<HostMeasures> = {}): HostMeasures => ({
  cpuPercent: 10,
  memoryPercent: 10,
  diskPercent: 10,
  memoryStallPercent: 0,
  ioStallPercent: 0,
  ...measures,
})

/** Stages after each of so many samples. */
function stages(valve: ReturnType<typeof createReliefValve>, count: number, measures: Partial<HostMeasures>) {
  return Array.from({ length: count }, () => valve.sample(host(measures)).stage)
}

describe('the relief valve', () => {
  test.each([
    [84, 'sealed'],
    [85, 'venting'],
    [89, 'venting'],
    [90, 'emergency'],
    [94, 'emergency'],
  ] as const)('%s percent of processors or memory, three samples long, is %s', (percent, stage) => {
    expect(stages(createReliefValve(RULES), 3, { cpuPercent: percent })).toEqual(['sealed', 'sealed', stage])
    expect(stages(createReliefValve(RULES), 3, { memoryPercent: percent })).toEqual(['sealed', 'sealed', stage])
  })

  test('critical is entered from emergency only, and takes its samples', () => {
    const valve = createReliefValve(RULES)
    expect(stages(valve, 6, { memoryPercent: 96 })).toEqual([
      'sealed',
      'sealed',
      'emergency',
      'emergency',
      'emergency',
      'critical',
    ])
    expect(valve.reading.because).toBe('memory use is 96 %, and 90 % degrades')
  })

  test('critical is left by a person only: to emergency, and from there as the host recovers', () => {
    const valve = createReliefValve(RULES)
    stages(valve, 6, { memoryPercent: 96 })
    expect(new Set(stages(valve, 100, {}))).toEqual(new Set(['critical']))
    expect(valve.reset().stage).toBe('emergency')
    expect(stages(valve, 6, {})).toEqual(['emergency', 'emergency', 'venting', 'venting', 'venting', 'sealed'])
    expect(valve.reading.because).toBeUndefined()
  })

  test('a reset ends no other stage', () => {
    const valve = createReliefValve(RULES)
    stages(valve, 3, { cpuPercent: 92 })
    expect(valve.reset().stage).toBe('emergency')
  })

  test('a stage is left only after three samples that are all more than ten points below its beginning', () => {
    const valve = createReliefValve(RULES)
    stages(valve, 3, { cpuPercent: 91 })
    expect(new Set(stages(valve, 50, { cpuPercent: 81 }))).toEqual(new Set(['emergency']))
    expect(stages(valve, 3, { cpuPercent: 79 })).toEqual(['emergency', 'emergency', 'venting'])
    expect(new Set(stages(valve, 50, { cpuPercent: 76 }))).toEqual(new Set(['venting']))
    expect(stages(valve, 3, { cpuPercent: 74 })).toEqual(['venting', 'venting', 'sealed'])
  })

  test('a host that flaps around a threshold moves nothing, and one that flaps when it is open keeps it open', () => {
    const valve = createReliefValve(RULES)
    for (let round = 0; round < 50; round += 1)
      expect(valve.sample(host({ cpuPercent: round % 2 === 0 ? 99 : 60 })).stage).toBe('sealed')
    stages(valve, 3, { cpuPercent: 92 })
    for (let round = 0; round < 50; round += 1)
      expect(valve.sample(host({ cpuPercent: round % 2 === 0 ? 92 : 60 })).stage).toBe('emergency')
  })

  test('what stands still waiting for memory or disks degrades a host that looks idle', () => {
    expect(stages(createReliefValve(RULES), 3, { memoryStallPercent: 31 })).toContain('emergency')
    expect(stages(createReliefValve(RULES), 3, { ioStallPercent: 26 })).toContain('venting')
  })

  test('a host whose pressure the kernel does not tell is judged by the rest, and one that cannot be measured degrades', () => {
    const untold = { memoryStallPercent: undefined, ioStallPercent: undefined }
    expect(new Set(stages(createReliefValve(RULES), 9, untold))).toEqual(new Set(['sealed']))
    const valve = createReliefValve(RULES)
    expect(stages(valve, 3, { memoryPercent: undefined })).toContain('emergency')
    expect(valve.reading.because).toBe('the memory use of the host cannot be measured')
  })

  test('of two thresholds of memory the lower one counts', () => {
    expect(reliefRulesOf({ mostCpuPercent: 90, mostMemoryBytes: 500, totalBytes: 1000 }).memoryPercent).toBe(50)
  })

  test('whatever it measures, one sample moves it by one stage down at most, and critical follows only emergency', () => {
    const percent = fc.option(fc.double({ min: 0, max: 100, noNaN: true }), { nil: undefined })
    const measures = fc.record({
      cpuPercent: percent,
      memoryPercent: percent,
      diskPercent: percent,
      memoryStallPercent: percent,
      ioStallPercent: percent,
    })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(measures, { maxLength: 80 }), (samples, all) => {
        const valve = createReliefValve({ ...RULES, samples })
        let before = 0
        for (const each of all) {
          const now = RELIEF_STAGES.indexOf(valve.sample(each).stage)
          expect(now).toBeGreaterThanOrEqual(before - 1)
          if (before === 3) expect(now).toBe(3)
          if (now === 3) expect(before).toBeGreaterThanOrEqual(2)
          before = now
        }
      }),
    )
  })

  test('a host under more pressure is never in a lower stage', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 100 }), fc.integer({ min: 0, max: 40 })), { maxLength: 60 }),
        (course) => {
          const [less, more] = [createReliefValve(RULES), createReliefValve(RULES)]
          // Held for as long as it takes a stage to be entered, so that both see the same beginnings.
          for (const [percent, extra] of course) {
            stages(less, 6, { cpuPercent: percent })
            stages(more, 6, { cpuPercent: Math.min(100, percent + extra) })
            expect(RELIEF_STAGES.indexOf(more.reading.stage)).toBeGreaterThanOrEqual(
              RELIEF_STAGES.indexOf(less.reading.stage),
            )
          }
        },
      ),
    )
  })
})
