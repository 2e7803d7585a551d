import { cpSync } from 'node:fs'
import { type KernelModel, standardAddresses, standardMachine } from '@janus/core/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readJournal } from '../../src/transaction/read-journal.js'
import { statusOf } from '../../src/transaction/summarise.js'
import { bindingChanges } from './binding-changes.js'
import { createModelBench, type ModelBench } from './model-bench.js'

const NIC = standardAddresses.nic
const DRIVER = { driver: 'e1000e', module: 'e1000e' }
const NVME = standardAddresses.nvme
const DISPLAY = standardAddresses.display
const NVME_DRIVER = { driver: 'nvme', module: 'nvme' }

describe('a transaction', () => {
  let bench: ModelBench
  let model: KernelModel

  beforeEach(() => {
    bench = createModelBench(standardMachine({ hangs: 'at-once' }))
    model = bench.model
  })
  afterEach(() => bench.close())

  const bind = async () => bench.transactions.apply(await bench.plan(bindingChanges(NIC, DRIVER)))

  it('does what the plan says and can be rolled back to exactly what was before', async () => {
    const before = model.snapshot()
    const report = await bind()
    expect(report.steps.map((step) => step.outcome)).toEqual(['done', 'done', 'done', 'done'])
    expect(model.snapshot().devices[NIC]).toEqual({ driver: 'vfio-pci', override: 'vfio-pci' })
    const [undo] = await bench.transactions.rollback()
    expect(undo?.outcome).toBe('undone')
    expect(model.snapshot()).toEqual(before)
  })

  it('refuses a plan whose device was exchanged, and names the fact', async () => {
    const plan = await bench.plan(bindingChanges(NIC, DRIVER))
    model.unplug(NIC)
    await expect(bench.transactions.apply(plan)).rejects.toMatchObject({
      code: 'JANUS_PLAN_STALE',
      message: expect.stringContaining('location'),
    })
    model.plug({ address: NIC, vendor: '10de', device: '2204', class: '030000', parent: '0000:00:02.0', group: '9' })
    await expect(bench.transactions.apply(plan)).rejects.toMatchObject({
      code: 'JANUS_PLAN_STALE',
      message: expect.stringContaining('"0x8086"'),
    })
    expect(await readJournal(bench.stateDirectory)).toEqual([])
  })

  it.each([
    ['the override', `/sys/bus/pci/devices/${NIC}/driver_override`],
    ['the unbind', '/sys/bus/pci/drivers/e1000e/unbind'],
    ['the bind', '/sys/bus/pci/drivers/vfio-pci/bind'],
  ])('undoes everything when %s fails', async (_, path) => {
    const before = model.snapshot()
    model.failNext(path, 'EINVAL')
    await expect(bind()).rejects.toMatchObject({
      code: 'JANUS_STEP_FAILED',
      message: expect.stringContaining('EINVAL'),
    })
    expect(model.snapshot()).toEqual(before)
    expect((await readJournal(bench.stateDirectory)).map((record) => record.phase)).toEqual(['undone'])
  })

  it('undoes everything when a step reports success but has no effect', async () => {
    const before = model.snapshot()
    const [load, override] = bindingChanges(NIC, DRIVER)
    const ignored = {
      ...override,
      value: 'vfio-pci',
      verify: [{ kind: 'equals', path: `/sys/bus/pci/devices/${NIC}/driver_override`, value: 'other' }],
    }
    const plan = await bench.plan([load, ignored] as never)
    await expect(bench.transactions.apply(plan)).rejects.toMatchObject({ code: 'JANUS_VERIFY_FAILED' })
    expect(model.snapshot()).toEqual(before)
  })

  it('stops with both values when somebody else wrote between two steps, and leaves what is theirs', async () => {
    const override = `/sys/bus/pci/devices/${NIC}/driver_override`
    const plan = await bench.plan(bindingChanges(NIC, DRIVER))
    model.onOrder((order) => {
      if ('path' in order && order.path.endsWith('e1000e/unbind')) model.write(override, 'pci-stub')
    })
    await expect(bench.transactions.apply(plan)).rejects.toMatchObject({ code: 'JANUS_ROLLBACK_INCOMPLETE' })
    expect(model.snapshot().devices[NIC]?.override).toBe('pci-stub')
  })

  it('leaves another device that was put at the address since, and says which it found', async () => {
    await bind()
    model.unplug(NIC)
    model.plug({ address: NIC, vendor: '10de', device: '2204', class: '030000', parent: '0000:00:02.0', group: '9' })
    const override = `/sys/bus/pci/devices/${NIC}/driver_override`
    model.write(override, 'vfio-pci')
    model.write('/sys/bus/pci/drivers/vfio-pci/bind', NIC)
    const [ordersBefore, theirs] = [model.orders.length, model.snapshot().devices[NIC]]
    const conflict = { outcome: 'conflict', reason: expect.stringMatching(/"0x8086".*"0x10de"/) }
    const [preview] = await bench.transactions.rollback({ dryRun: true })
    expect(preview?.steps).toContainEqual(expect.objectContaining(conflict))
    const [report] = await bench.transactions.rollback()
    expect(report?.outcome).toBe('incomplete')
    expect(report?.steps).toContainEqual(expect.objectContaining(conflict))
    const touched = model.orders.slice(ordersBefore).filter((order) => 'path' in order)
    expect(touched).toEqual([])
    expect(model.snapshot().devices[NIC]).toEqual(theirs)
  })

  it('cancels between two steps and undoes', async () => {
    const before = model.snapshot()
    const controller = new AbortController()
    model.onOrder((order) => {
      if (order.kind === 'write-attribute') controller.abort()
    })
    const plan = await bench.plan(bindingChanges(NIC, DRIVER))
    await expect(bench.transactions.apply(plan, { signal: controller.signal })).rejects.toMatchObject({
      code: 'JANUS_ABORTED',
    })
    expect(model.snapshot()).toEqual(before)
  })

  it('undoes also when it is cancelled in its last step', async () => {
    const before = model.snapshot()
    const controller = new AbortController()
    model.onOrder((order) => {
      if (order.kind === 'write-attribute' && order.path.endsWith('/vfio-pci/bind')) controller.abort()
    })
    const plan = await bench.plan(bindingChanges(NIC, DRIVER))
    await expect(bench.transactions.apply(plan, { signal: controller.signal })).rejects.toMatchObject({
      code: 'JANUS_ABORTED',
    })
    expect(model.snapshot()).toEqual(before)
    expect(await readJournal(bench.stateDirectory)).toMatchObject([{ phase: 'undone' }])
  })

  it('refuses a plan whose device the host has begun to use since', async () => {
    const path = `/sys/bus/pci/devices/${DISPLAY}`
    const [load, override, unbind, take] = bindingChanges(DISPLAY, { driver: 'bochs-drm', module: 'bochs' })
    const guarded = { ...unbind, expect: [...(unbind?.expect ?? []), { kind: 'unused', path, uses: ['boot-display'] }] }
    const plan = await bench.plan([load, override, guarded, take] as never)
    await bench.transactions.preflight(plan)
    const location = (await model.host.readLink(path)).value
    model.put({ [`${location}/boot_vga`]: '1\n' })
    const refusal = { code: 'JANUS_PLAN_STALE', message: expect.stringContaining('is in use now') }
    await expect(bench.transactions.preflight(plan)).rejects.toMatchObject(refusal)
    await expect(bench.transactions.apply(plan)).rejects.toMatchObject(refusal)
    expect(model.orders).toEqual([])
  })

  it('refuses a plan that touches a device and rests on no facts about it', async () => {
    const plan = await bench.plan(bindingChanges(NIC, DRIVER))
    const bare = { ...plan, facts: [] }
    await expect(bench.transactions.apply(bare)).rejects.toMatchObject({ code: 'JANUS_PLAN_INVALID' })
    expect(model.orders).toEqual([])
  })

  it('asks for every loss by name before anything is touched', async () => {
    const [first, ...rest] = bindingChanges(NIC, DRIVER)
    const losing = { ...first, irreversible: [{ id: 'network-addresses', summary: 'eth0 loses its addresses' }] }
    const plan = await bench.plan([losing, ...rest] as never)
    await expect(bench.transactions.apply(plan)).rejects.toMatchObject({ code: 'JANUS_LOSS_NOT_ACCEPTED' })
    expect(model.orders).toEqual([])
    expect(await bench.transactions.apply(plan, { accept: ['network-addresses'] })).toMatchObject({
      outcome: 'applied',
    })
  })

  it('refuses to roll back while a virtual machine holds the device through its group', async () => {
    const [load, override, unbind, take] = bindingChanges(NVME, NVME_DRIVER)
    const [release] = (take?.undo ?? []) as unknown as { expect: unknown[] }[]
    const held = {
      ...take,
      undo: [{ ...release, expect: [...(release?.expect ?? []), { kind: 'unheld', path: '/dev/vfio/10' }] }],
    }
    await bench.transactions.apply(await bench.plan([load, override, unbind, held] as never))
    const hold = model.holdDevice(NVME)
    const before = model.snapshot()
    await expect(bench.transactions.rollback()).rejects.toMatchObject({ code: 'JANUS_DEVICE_REFUSED' })
    expect(model.snapshot()).toEqual(before)
    hold.release()
    expect(await bench.transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
  })

  it('says for how long the kernel was waited for, with what the change itself may take', async () => {
    const [load, override, unbind, take] = bindingChanges(NVME, NVME_DRIVER)
    const [release] = (take?.undo ?? []) as readonly object[]
    const undo = [{ ...release, timeout: 40 }]
    await bench.transactions.apply(await bench.plan([load, override, unbind, { ...take, undo }] as never))
    const hold = model.holdDevice(NVME)
    const [report] = await bench.transactions.rollback()
    expect(report?.steps.map(({ reason }) => reason)).toContain('the kernel did not answer within 90 ms')
    hold.release()
  })

  it('leaves a device alone that the kernel still works on, and finishes when the kernel lets go', async () => {
    const before = model.snapshot()
    await bench.transactions.apply(await bench.plan(bindingChanges(NVME, NVME_DRIVER)))
    const hold = model.holdDevice(NVME)
    expect(await bench.transactions.rollback()).toMatchObject([{ outcome: 'incomplete' }])
    expect(await bench.transactions.recover()).toMatchObject({
      complete: false,
      blocked: [{ subjects: [`pci:${NVME}`] }],
    })
    const [preview] = (await bench.transactions.recover({ dryRun: true })).transactions
    const outcomes = preview?.steps
      .filter(({ change }) => change.kind === 'write-attribute')
      .map((step) => step.outcome)
    expect(new Set(outcomes)).toEqual(new Set(['in-progress-in-kernel']))
    hold.release()
    expect(await bench.transactions.recover()).toMatchObject({ complete: true, blocked: [] })
    expect(model.snapshot()).toEqual(before)
  })

  it('does not start while an earlier one is unfinished', async () => {
    const plan = await bench.plan(bindingChanges(NIC, DRIVER))
    await bench.untilDeath(() => bench.transactions.apply(plan), model.crashAfter(2))
    await expect(bench.transactions.apply(plan)).rejects.toMatchObject({ code: 'JANUS_RECOVERY_NEEDED' })
  })

  it('is void after a boot when it was interrupted: nothing is undone, the next may start, and recovery says so once', async () => {
    const interrupted = await bench.plan(bindingChanges(NIC, DRIVER))
    await bench.untilDeath(() => bench.transactions.apply(interrupted), model.crashAfter(2))
    const booted = createModelBench({ ...standardMachine(), bootId: 'another-boot' })
    try {
      cpSync(bench.stateDirectory, booted.stateDirectory, { recursive: true })
      const before = booted.model.snapshot()
      expect(await statusOf(booted.model.machine, booted.stateDirectory)).toMatchObject({
        clean: true,
        transactions: [{ state: 'void' }],
      })
      const plan = await booted.plan(bindingChanges(NIC, DRIVER))
      const { transaction } = await booted.transactions.apply(plan)
      await booted.transactions.rollback({ transaction })
      expect(await booted.transactions.recover()).toMatchObject({
        complete: true,
        transactions: [{ outcome: 'void', steps: [] }],
      })
      expect((await booted.transactions.recover()).transactions).toEqual([])
      expect(booted.model.snapshot()).toEqual(before)
      expect(await statusOf(booted.model.machine, booted.stateDirectory)).toMatchObject({
        clean: true,
        transactions: [{ state: 'void' }, { state: 'undone' }],
      })
    } finally {
      booted.close()
    }
  })

  it('does not roll back what a later one touched, unless it may take that along', async () => {
    const before = model.snapshot()
    const first = await bind()
    const override = `/sys/bus/pci/devices/${NIC}/driver_override`
    await bench.transactions.apply(
      await bench.plan([{ kind: 'write-attribute', path: override, value: 'none', scope: 'runtime', why: 'park it' }]),
    )
    const target = { transaction: first.transaction }
    await expect(bench.transactions.rollback(target)).rejects.toMatchObject({ code: 'JANUS_ROLLBACK_BLOCKED' })
    expect(await bench.transactions.rollback({ ...target, cascade: true })).toHaveLength(2)
    expect(model.snapshot()).toEqual(before)
  })

  it('reports what was changed behind its back as drift, with both values', async () => {
    await bind()
    expect(await statusOf(model.machine, bench.stateDirectory)).toMatchObject({ clean: true })
    model.write('/sys/bus/pci/drivers/vfio-pci/unbind', NIC)
    const { clean, drift } = await statusOf(model.machine, bench.stateDirectory)
    expect(clean).toBe(false)
    expect(drift.filter((entry) => entry.state === 'drifted')).toMatchObject([
      { path: `/sys/bus/pci/devices/${NIC}/driver`, found: 'it does not exist' },
    ])
  })

  it('previews a rollback without touching anything', async () => {
    await bind()
    const before = model.snapshot()
    const orders = model.orders.length
    const [preview] = await bench.transactions.rollback({ dryRun: true })
    expect(preview?.steps.filter((step) => step.outcome === 'planned').length).toBeGreaterThan(3)
    expect(model.snapshot()).toEqual(before)
    expect(model.orders.length).toBe(orders)
  })

  it('keeps in the history what can still be undone, and drops the rest', async () => {
    await bind()
    await bench.transactions.rollback()
    await bind()
    const pruned = await bench.transactions.prune({ before: new Date(Date.now() + 1000) })
    expect(pruned).toMatchObject({ removed: [expect.any(String)], kept: 1 })
    expect((await readJournal(bench.stateDirectory)).map((record) => record.phase)).toEqual(['applied'])
    expect(await bench.transactions.rollback()).toMatchObject([{ outcome: 'undone' }])
  })

  it('gives back what the kernel granted when it granted less than was asked for', async () => {
    const before = model.snapshot()
    const path = '/sys/devices/system/node/node0/hugepages/hugepages-2048kB/nr_hugepages'
    const ask = { kind: 'write-attribute', path, value: '100000', mayGrantLess: true, scope: 'runtime', why: 'pages' }
    const plan = await bench.plan([ask as never])
    await expect(bench.transactions.apply(plan)).rejects.toMatchObject({
      code: 'JANUS_VERIFY_FAILED',
      message: expect.stringContaining('found "316"'),
    })
    expect(model.snapshot()).toEqual(before)
    await bench.untilDeath(() => bench.transactions.apply(plan), model.crashAfter(1, 'after'))
    expect(await bench.transactions.recover()).toMatchObject({ complete: true })
    expect(model.snapshot()).toEqual(before)
  })

  it('has nothing to roll back when nothing was ever applied', async () => {
    await expect(bench.transactions.rollback()).rejects.toMatchObject({ code: 'JANUS_TRANSACTION_NOT_FOUND' })
  })
})
