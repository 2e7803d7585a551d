import { describe, expect, test } from 'vitest'
import {
  type Controls,
  type ControlsEvent,
  type ControlsOptions,
  configuredControls,
  createControls,
  createLiveBoard,
  effectivePermission,
  monitoringOf,
  paceOf,
  runControls,
  type StopReason,
  watchRulesOf,
} from '../../src/index.js'
import { settingsWith } from '../settings/effects/setting-effect.js'
import { settableClock } from '../support/settable-clock.js'
import { SIMULATED_BYTES, simulatedHost } from '../support/simulated-host.js'

async function controlsWith(keys: Parameters<typeof settingsWith>[0] = {}, more: Partial<ControlsOptions> = {}) {
  const settings = await settingsWith({ 'harness.max_concurrency': 8, ...keys })
  const host = simulatedHost()
  const board = createLiveBoard()
  const events: ControlsEvent[] = []
  const stops: StopReason[] = []
  const demotions: string[] = []
  const runs = { waiting: 0, active: 0 }
  const clock = settableClock()
  const controls = createControls({
    clock,
    pace: paceOf(settings),
    watch: watchRulesOf(settings, SIMULATED_BYTES),
    monitoring: monitoringOf(settings),
    totalBytes: SIMULATED_BYTES,
    board,
    backlog: () => ({ ...runs }),
    readSample: host.readSample,
    mustStop: (cause) => stops.push(cause),
    mustDemote: (because) => demotions.push(because),
    onEvent: (event) => events.push(event),
    ...more,
  })
  return { settings, host, board, events, stops, demotions, runs, clock, controls }
}

async function samples(controls: Controls, count: number): Promise<void> {
  for (let number = 0; number < count; number += 1) await controls.sample()
}

describe('the controls', () => {
  test('let the governor decide while the host is at ease', async () => {
    const { controls, runs, events } = await controlsWith()
    await samples(controls, 2)
    expect(controls.allowance()).toEqual({ concurrency: 1, network: true })
    runs.waiting = 40
    for (let tick = 0; tick < 40; tick += 1) controls.tick(0.5)
    expect(controls.allowance()).toEqual({ concurrency: 8, network: true })
    expect(events.map(({ event }) => event)).toContain('governor.update')
    expect(controls.state().governor).toMatchObject({ allowed: 8, saturated: 'high' })
  })

  test('without a governor as many may run as the settings say', async () => {
    const { controls } = await controlsWith({ 'harness.enable_governor': false })
    expect(controls.allowance().concurrency).toBe(8)
    expect(controls.state().governor).toBeNull()
  })

  test('degraded means one at a time and no network for any new run, and the permission of the agent says so', async () => {
    const { controls, host, board, settings, events } = await controlsWith({ 'harness.enable_governor': false })
    host.use({ memory: 87 })
    await samples(controls, 4)
    expect(controls.allowance()).toEqual({ concurrency: 4, network: true })
    expect(board.conditions()).toEqual({})
    host.use({ memory: 92 })
    await samples(controls, 3)
    expect(controls.allowance()).toEqual({ concurrency: 1, network: false })
    expect(controls.state().relief).toMatchObject({ stage: 'emergency', since: '2026-03-01T12:00:00.000Z' })
    const permission = effectivePermission('alpha', settings, board.conditions())
    expect(permission.network).toBe(false)
    expect(permission.runApproved).toBe(true)
    expect(permission.restrictions.map(({ because }) => because)).toEqual([
      'the host is under pressure (emergency): memory use is 92 %, and 90 % degrades',
    ])
    expect(events.map(({ event }) => event)).toEqual([
      'controls.relief_valve',
      'controls.anomaly.high_memory',
      'relief.degrade',
    ])
  })

  test('critical starts nothing until a person resets it', async () => {
    const { controls, host, events } = await controlsWith()
    host.use({ cpu: 99 })
    await samples(controls, 7)
    expect(controls.allowance()).toEqual({ concurrency: 0, network: false })
    host.use({ cpu: 1 })
    await samples(controls, 20)
    expect(controls.allowance().concurrency).toBe(0)
    controls.resetRelief('ana: the build was ended')
    expect(events.at(-1)?.summary).toBe('critical to emergency: ana: the build was ended')
    expect(controls.allowance()).toEqual({ concurrency: 1, network: false })
    await samples(controls, 6)
    expect(controls.allowance().network).toBe(true)
  })

  test('a network block that was there before relief stays after it', async () => {
    let allowed = false
    const { controls, host, board } = await controlsWith({}, { networkAllowed: () => allowed })
    host.use({ cpu: 92 })
    await samples(controls, 4)
    expect(controls.allowance().network).toBe(false)
    host.use({ cpu: 1 })
    await samples(controls, 9)
    expect(controls.state().relief?.stage).toBe('sealed')
    expect(board.conditions()).toEqual({})
    expect(controls.allowance().network).toBe(false)
    allowed = true
    expect(controls.allowance().network).toBe(true)
  })

  test('what waits while it is degraded does not wind the governor up: after release it begins where it was', async () => {
    const { controls, host, runs } = await controlsWith()
    await samples(controls, 1)
    controls.tick(0.5)
    const before = controls.state().governor
    host.use({ memory: 92 })
    await samples(controls, 3)
    runs.waiting = 500
    for (let tick = 0; tick < 1000; tick += 1) controls.tick(0.5)
    expect(controls.state().governor).toEqual(before)
    host.use({ memory: 10 })
    await samples(controls, 6)
    runs.waiting = 0
    controls.tick(0.5)
    expect(controls.allowance().concurrency).toBe(1)
  })

  test('relief that is switched off restricts nothing', async () => {
    const { controls, host } = await controlsWith({ 'harness.relief_enabled': false })
    host.use({ memory: 99 })
    await samples(controls, 20)
    expect(controls.allowance().network).toBe(true)
    expect(controls.state().relief).toBeNull()
  })

  test('an anomaly is told once, and again only after it has gone back ten points', async () => {
    const { controls, host, events } = await controlsWith({ 'harness.relief_enabled': false })
    for (const disk of [86, 90, 80, 86, 74, 88]) {
      host.use({ disk })
      await controls.sample()
    }
    expect(events.map(({ summary }) => summary)).toEqual([
      '86 % of the disk is in use, 85 % is high',
      'over: 74 % of the disk is in use, 85 % is high',
      '88 % of the disk is in use, 85 % is high',
    ])
    expect(controls.state().anomalies).toEqual(['controls.anomaly.high_disk'])
  })

  test('three violations of watchdog or quota stop everything, once, and are counted anew after a person resumed', async () => {
    const { controls, stops } = await controlsWith()
    controls.violations.violated('watchdog', 'no tick for 120 s')
    controls.violations.violated('quota', 'exec-1 was killed for its memory')
    expect(stops).toEqual([])
    controls.violations.violated('quota', 'exec-2 was killed for its memory')
    controls.violations.violated('quota', 'exec-3 was killed for its memory')
    expect(stops).toEqual([
      {
        rule: 'violations',
        because:
          '3 violations of watchdog or quota, the last watchdog: no tick for 120 s; quota: exec-1 was killed for its memory; quota: exec-2 was killed for its memory',
      },
    ])
    expect(controls.state().violations).toEqual({ count: 4, threshold: 3 })
    controls.resume()
    controls.violations.violated('quota', 'exec-4 was killed for its memory')
    expect(stops).toHaveLength(1)
  })

  test.each([
    ['immediate_stop', 1, 0],
    ['demote', 0, 1],
  ] as const)('a violation of the constitution with %s', async (action, stopped, demoted) => {
    const { controls, stops, demotions } = await controlsWith({
      'kill_switch.constitutional_violation_action': action,
    })
    controls.violations.violated('constitution', 'a rollback failed')
    expect([stops.length, demotions.length]).toEqual([stopped, demoted])
  })

  test('a verification or a self-test that failed stops everything, whatever a violation of the constitution does', async () => {
    const { controls, stops } = await controlsWith({ 'kill_switch.constitutional_violation_action': 'demote' })
    controls.violations.failed('self-test', 'the sandbox does not hold')
    expect(stops).toEqual([{ rule: 'self-test', because: 'the sandbox does not hold' }])
  })
})

test('controls of a configuration measure this machine', async () => {
  const { clock, board } = await controlsWith()
  const controls = configuredControls(await settingsWith({ 'sandbox.root': '/' }), {
    clock,
    board,
    backlog: () => ({ waiting: 0, active: 0 }),
    mustStop: () => undefined,
    mustDemote: () => undefined,
  })
  await controls.sample()
  const { measures, allowance } = controls.state()
  expect(measures.memoryPercent).toBeGreaterThan(0)
  expect(measures.diskPercent).toBeGreaterThanOrEqual(0)
  expect(allowance).toEqual({ concurrency: 1, network: true })
})

describe('controls that run', () => {
  test('tick and sample by their intervals until they are aborted', async () => {
    const { controls, runs } = await controlsWith()
    runs.waiting = 3
    const ending = new AbortController()
    let now = 0
    let [ticks, sampled] = [0, 0]
    const sleeping: { readonly until: number; wake(): void }[] = []
    const running = runControls(controls, {
      clock: { monotonic: () => now },
      tickMilliseconds: 500,
      sampleMilliseconds: 2000,
      signal: ending.signal,
      sleep: (milliseconds, signal) =>
        new Promise((resolve) => {
          const wake = (): void => {
            signal.removeEventListener('abort', wake)
            resolve()
          }
          sleeping.push({ until: now + milliseconds, wake })
          signal.addEventListener('abort', wake)
        }),
      onTick: () => {
        ticks += 1
      },
      onSample: () => {
        sampled += 1
      },
    })
    for (let step = 0; step < 40; step += 1) {
      await new Promise(setImmediate)
      now += 500
      for (const sleeper of sleeping.splice(0)) sleeper.wake()
    }
    await new Promise(setImmediate)
    ending.abort()
    await running
    expect(ticks).toBe(40)
    // One at once and one for each of ten intervals.
    expect(sampled).toBe(11)
  })

  test('what a callback throws ends both and is told', async () => {
    const { controls } = await controlsWith()
    const running = runControls(controls, {
      clock: { monotonic: () => performance.now() },
      tickMilliseconds: 1,
      sampleMilliseconds: 3600_000,
      signal: new AbortController().signal,
      onTick: () => {
        throw new Error('the executor is broken')
      },
    })
    await expect(running).rejects.toThrow('the executor is broken')
  })
})
