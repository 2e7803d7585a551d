import { standardAddresses } from '@janus/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readJournal } from '../../src/transaction/read-journal.js'
import { statusOf } from '../../src/transaction/summarise.js'
import { createProfileBench, type ProfileBench } from './profile-bench.js'

const { physicalFunction, virtualFunctions, nic } = standardAddresses
const [firstFunction] = virtualFunctions

const TWO_STAGES = [
  { module: 'test-pages', options: { more: 8 } },
  { module: 'test-lines', options: { file: '/etc/lines', line: 'one', index: true } },
  { module: 'test-functions', options: { device: physicalFunction, count: 2 } },
  { module: 'test-bind', options: { device: firstFunction } },
  { module: 'test-bind', options: { device: nic } },
  { module: 'test-lines', options: { file: '/etc/lines', line: 'two', index: true } },
]

describe('a profile of two stages', () => {
  let bench: ProfileBench

  beforeEach(() => {
    bench = createProfileBench({ '/etc/lines': 'zero\n', '/etc/index': 'old index' })
  })
  afterEach(() => bench.close())

  it('plans up to the module that needs what only the kernel will show, and says what waits for what', async () => {
    const planned = await bench.planStage(bench.rest(TWO_STAGES))
    expect(planned.modules.map(({ module }) => module)).toEqual(['test-pages', 'test-lines', 'test-functions'])
    const until = [`the virtual functions of ${physicalFunction}`]
    expect(planned.waiting).toEqual([
      { module: 'test-bind', until, because: `${firstFunction} is not there` },
      { module: 'test-bind', until, because: 'it comes after test-bind' },
      { module: 'test-lines', until, because: 'it comes after test-bind' },
    ])
    expect(planned.plan.module).toEqual({ id: 'profile:test', version: '0.0.0' })
    expect(planned.plan.options).toMatchObject({ schema: 'janus.profile/1', name: 'test' })
  })

  it('is applied as one transaction whose steps are numbered through, and rolled back as one', async () => {
    const before = bench.model.snapshot()
    const report = await bench.applyProfile(TWO_STAGES)
    expect(report).toMatchObject({ outcome: 'applied', stages: [{}, {}] })
    const { steps } = report as { steps: { step: number; outcome: string }[] }
    expect(steps.map(({ step }) => step)).toEqual(steps.map((_, index) => index))
    expect(new Set(steps.map(({ outcome }) => outcome))).toEqual(new Set(['done']))
    const { devices } = bench.model.snapshot()
    expect(devices[firstFunction]?.driver).toBe('vfio-pci')
    expect((await bench.model.host.readText('/etc/index')).value).toContain('two')
    expect(await statusOf(bench.model.machine, bench.stateDirectory)).toMatchObject({
      clean: true,
      transactions: [{ module: { id: 'profile:test' }, stages: 2, steps: steps.length, stepsDone: steps.length }],
    })
    const [undo] = await bench.transactions.rollback({ module: 'profile:test' })
    expect(undo?.outcome).toBe('undone')
    expect(bench.model.snapshot()).toEqual(before)
  })

  it('has nothing left to plan once it has been applied', async () => {
    await bench.applyProfile(TWO_STAGES.slice(1))
    const planned = await bench.planStage(bench.rest(TWO_STAGES.slice(1)))
    expect(planned.plan.changes).toEqual([])
    expect(planned.waiting).toEqual([])
  })

  it('undoes both stages when the second is not agreed to', async () => {
    const before = bench.model.snapshot()
    await expect(bench.applyProfile(TWO_STAGES, () => false)).rejects.toMatchObject({
      message: expect.stringContaining('declined; what was done has been undone'),
    })
    expect(bench.model.snapshot()).toEqual(before)
    expect(await readJournal(bench.stateDirectory)).toMatchObject([{ phase: 'undone', stages: [] }])
  })

  it('undoes both stages when the second cannot be planned', async () => {
    const before = bench.model.snapshot()
    const absent = [...TWO_STAGES, { module: 'test-bind', options: { device: '0000:aa:00.0' } }]
    await expect(bench.applyProfile(absent)).rejects.toMatchObject({ code: 'JANUS_DEVICE_NOT_FOUND' })
    expect(bench.model.snapshot()).toEqual(before)
  })

  it('undoes both stages when a step of the second fails', async () => {
    const before = bench.model.snapshot()
    bench.model.failNext('/sys/bus/pci/drivers/e1000e/unbind', 'EINVAL')
    await expect(bench.applyProfile(TWO_STAGES)).rejects.toMatchObject({ code: 'JANUS_STEP_FAILED' })
    expect(bench.model.snapshot()).toEqual(before)
    expect(await readJournal(bench.stateDirectory)).toMatchObject([{ phase: 'undone', stages: [{}] }])
  })

  it('is recovered to the state before after a crash between two stages', async () => {
    const before = bench.model.snapshot()
    let asked = (): void => {}
    const crash = new Promise<void>((resolve) => {
      asked = resolve
    }).then(() => bench.model.crash())
    const hesitate = () => {
      asked()
      return new Promise<boolean>(() => {})
    }
    expect(await bench.untilDeath(() => bench.applyProfile(TWO_STAGES, hesitate), crash)).toBe('died')
    expect(await bench.transactions.recover()).toMatchObject({ complete: true, transactions: [{ outcome: 'undone' }] })
    expect(bench.model.snapshot()).toEqual(before)
  })

  it('after a crash before or after any order recovers to exactly what was before', async () => {
    let deaths = 0
    for (const moment of ['before', 'after'] as const) {
      for (let order = 1; ; order += 1) {
        const own = createProfileBench({ '/etc/lines': 'zero\n', '/etc/index': 'old index' })
        try {
          const before = own.model.snapshot()
          const ending = await own.untilDeath(() => own.applyProfile(TWO_STAGES), own.model.crashAfter(order, moment))
          if (ending === 'ended') break
          deaths += 1
          expect(await own.transactions.recover()).toMatchObject({ complete: true })
          expect(own.model.snapshot()).toEqual(before)
        } finally {
          own.close()
        }
      }
    }
    // Orders of both stages: pages, a file and its index, functions, two hand-overs, a file and its index.
    expect(deaths).toBeGreaterThanOrEqual(2 * 11)
  })
})
