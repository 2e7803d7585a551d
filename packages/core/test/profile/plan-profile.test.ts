import { standardAddresses } from '@janus/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createProfileBench, type ProfileBench } from './profile-bench.js'

const { nic, nicAudio } = standardAddresses
const POOL = '/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages'

const lines = (line: string, index = false) => ({
  module: 'test-lines',
  options: { file: '/etc/lines', line, index },
})

describe('planning a profile', () => {
  let bench: ProfileBench

  beforeEach(() => {
    bench = createProfileBench({ '/etc/lines': 'zero\n' })
  })
  afterEach(() => bench.close())

  it('lets each module see what those before it will have done', async () => {
    const { plan } = await bench.planStage(
      bench.rest([
        { module: 'test-pages', options: { more: 8 } },
        { module: 'test-pages', options: { more: 4 } },
        { module: 'test-bind', options: { device: nic } },
        { module: 'test-bind', options: { device: nicAudio } },
      ]),
    )
    const pages = plan.changes.filter((change) => 'path' in change && change.path === POOL)
    expect(pages).toMatchObject([
      { from: '0', value: '8', undo: [{ value: '0' }] },
      { from: '8', value: '12', undo: [{ value: '8' }] },
    ])
    expect(plan.changes.filter(({ kind }) => kind === 'load-kernel-module')).toHaveLength(1)
  })

  it('says of each change which module asked for it', async () => {
    const { plan, modules } = await bench.planStage(
      bench.rest([{ module: 'test-pages', options: { more: 8 } }, lines('one')]),
    )
    expect(plan.changes.map(({ module }) => module)).toEqual(['test-pages', 'test-lines'])
    expect(modules).toEqual([
      { module: 'test-pages', version: '0.0.1', changes: 1 },
      { module: 'test-lines', version: '0.0.1', changes: 1 },
    ])
  })

  it('rests on the facts of the host as it is, not as the plan leaves it', async () => {
    const { plan } = await bench.planStage(bench.rest([{ module: 'test-bind', options: { device: nic } }]))
    expect(plan.facts).toContainEqual(
      expect.objectContaining({ subject: `pci:${nic}`, name: 'driver', value: '/sys/bus/pci/drivers/e1000e' }),
    )
  })

  it('gives two modules that write one file a chain of undos that is exact', async () => {
    const before = bench.model.snapshot()
    const report = await bench.applyProfile([lines('one'), lines('two'), lines('three')])
    expect(report).toMatchObject({ outcome: 'applied' })
    expect((await bench.model.host.readText('/etc/lines')).value).toBe('zero\none\ntwo\nthree\n')
    await bench.transactions.rollback()
    expect(bench.model.snapshot()).toEqual(before)
  })

  it('recovers a file that two modules wrote after a crash before or after each order, of the undo too', async () => {
    for (const during of ['apply', 'rollback'] as const) {
      for (const moment of ['before', 'after'] as const) {
        for (let order = 1; order <= 3; order += 1) {
          const own = createProfileBench({ '/etc/lines': 'zero\n' })
          try {
            const before = own.model.snapshot()
            const apply = () => own.applyProfile([lines('one'), lines('two'), lines('three')])
            if (during === 'rollback') await apply()
            const work = during === 'apply' ? apply : () => own.transactions.rollback()
            expect(await own.untilDeath(work, own.model.crashAfter(order, moment))).toBe('died')
            expect(await own.transactions.recover()).toMatchObject({ complete: true })
            expect(own.model.snapshot()).toEqual(before)
          } finally {
            own.close()
          }
        }
      }
    }
  })

  it('runs a program once that two modules want for what both of them wrote, and undoes it first', async () => {
    const before = bench.model.snapshot()
    const entries = [lines('one', true), { module: 'test-pages', options: { more: 1 } }, lines('two', true)]
    const { plan } = await bench.planStage(bench.rest(entries))
    expect(plan.changes.map(({ kind }) => kind)).toEqual(['write-file', 'write-attribute', 'write-file', 'run-command'])
    expect(plan.changes.at(-1)).toMatchObject({
      why: 'the index has one; the index has two',
      verify: [
        { kind: 'contains', path: '/etc/index', value: 'one' },
        { kind: 'contains', path: '/etc/index', value: 'two' },
      ],
      undo: [{ kind: 'remove-file', path: '/etc/index' }],
    })
    await bench.applyProfile(entries)
    await bench.transactions.rollback()
    expect(bench.model.snapshot()).toEqual(before)
  })

  it('lets a module that reads what a program is yet to write wait for it', async () => {
    const entries = [{ module: 'test-index-reader' }, lines('one', true)]
    const planned = await bench.planStage(bench.rest(entries))
    expect(planned.modules.map(({ module }) => module)).toEqual(['test-lines'])
    expect(planned.waiting).toMatchObject([
      { module: 'test-index-reader', until: ['what /usr/sbin/make-index writes to /etc/index'] },
    ])
    await bench.applyProfile(entries)
    expect((await bench.model.host.readText('/etc/copy')).value).toBe('index of zero\none\n')
  })

  it('refuses what no stage could change, before anything is touched', async () => {
    const entries = [
      { module: 'test-pages', options: { more: 8 } },
      { module: 'test-bind', options: { device: '0000:aa:00.0' } },
    ]
    await expect(bench.planStage(bench.rest(entries))).rejects.toMatchObject({ code: 'JANUS_DEVICE_NOT_FOUND' })
  })

  it('refuses wrong options also of a module that waits', async () => {
    const { physicalFunction, virtualFunctions } = standardAddresses
    const entries = [
      { module: 'test-functions', options: { device: physicalFunction, count: 1 } },
      { module: 'test-bind', options: { device: virtualFunctions[0] } },
      { module: 'test-pages', options: { fewer: 8 } },
    ]
    await expect(bench.planStage(bench.rest(entries))).rejects.toMatchObject({ code: 'JANUS_OPTIONS_INVALID' })
  })
})
