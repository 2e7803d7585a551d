import type { KernelModel, SmtControl } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { cpuSmt } from '../../src/index.js'
import { onModel, undoOnModel } from '../fixture/on-model.js'
import { type TuningMachine, tuningMachine } from '../fixture/tuning-machine.js'

const CONTROL = '/sys/devices/system/cpu/smt/control'
const CORES = [
  [0, 1],
  [2, 3],
]
const on = (machine: TuningMachine = {}) => onModel(cpuSmt, tuningMachine(machine))
const onlineOf = async (model: KernelModel) =>
  (await model.host.readText('/sys/devices/system/cpu/online')).value?.trim()
const at = (smt: SmtControl) => on({ processors: { cores: CORES, smt } })

describe('the changes of cpu-smt', () => {
  it('say which CPUs go, have time for it, and name what does not come back', async () => {
    expect(await on().plan({ smt: 'off' })).toMatchObject([
      {
        path: CONTROL,
        from: 'on',
        value: 'off',
        timeout: 2000,
        why: 'take CPU 1,3, the second threads of their cores, offline',
        verify: expect.arrayContaining([{ kind: 'equals', path: '/sys/devices/system/cpu/online', value: '0,2' }]),
        irreversible: [{ id: 'cpu-affinities', summary: expect.stringContaining('CPU 1,3') }],
      },
    ])
  })

  it('put back what was offline before, and an interrupt that had nowhere else to go', async () => {
    const [change] = await on({ processors: { cores: CORES, offline: [2] } }).plan({ smt: 'off' })
    expect(change?.undo).toMatchObject([
      { path: CONTROL, value: 'on' },
      { path: '/sys/devices/system/cpu/cpu1/online', from: '0', value: '1' },
      { path: '/sys/devices/system/cpu/cpu3/online', from: '0', value: '1' },
      { path: '/sys/devices/system/cpu/cpu2/online', from: '1', value: '0' },
      { path: '/proc/irq/25/smp_affinity_list', from: '0', value: '3' },
    ])
    // Its first thread is offline, and no list shows that it is the second one: its APIC id does.
    expect(change).toMatchObject({ why: expect.stringContaining('CPU 1,3') })
    const [other] = await on().plan({ smt: 'off' })
    expect(other?.undo).toContainEqual(
      expect.objectContaining({
        path: '/proc/irq/25/smp_affinity_list',
        from: '0,2',
        value: '3',
        expect: [{ kind: 'equals', path: '/sys/kernel/irq/25/actions', value: 'eth0-tx-0' }],
      }),
    )
  })

  it.each(['6.1', '6.12'] as const)('bring back what went before one refused to go (%s)', async (personality) => {
    const model = tuningMachine({ personality, processors: { cores: CORES, refusing: [3] } })
    const [change] = await onModel(cpuSmt, model).plan({ smt: 'off' })
    expect(model.write(CONTROL, 'off')).toBe('EBUSY')
    expect(await onlineOf(model)).toBe('0,2-3')
    await undoOnModel(model, change)
    expect(await onlineOf(model)).toBe('0-3')
  })

  it.each([
    ['1', '0,2-3'],
    ['3', '0,2'],
    ['1,3', '0,2'],
  ])('know where the kernel lets an interrupt of CPU %s go: %s', async (affinity, from) => {
    const model = tuningMachine({ interrupts: [{ number: 25, affinity, actions: 'eth0' }] })
    const path = '/proc/irq/25/smp_affinity_list'
    const [change] = await onModel(cpuSmt, model).plan({ smt: 'off' })
    expect(change?.undo).toContainEqual(expect.objectContaining({ path, from, value: affinity }))
    expect(model.write(CONTROL, 'off')).toBe('ok')
    expect((await model.host.readText(path)).value?.trim()).toBe(from)
    await undoOnModel(model, change)
    expect((await model.host.readText(path)).value?.trim()).toBe(affinity)
  })

  it('refuse a switch that counts threads', async () => {
    const machine = on({ processors: { cores: CORES, smt: 'on' }, files: {} })
    const model = tuningMachine()
    model.remove(CONTROL)
    model.put({ [CONTROL]: '4\n' })
    for (const smt of ['on', 'off'])
      await expect(onModel(cpuSmt, model).plan({ smt })).rejects.toMatchObject({
        code: 'JANUS_HOST_UNFIT',
        message: expect.stringContaining('says 4'),
      })
    expect(await machine.plan({ smt: 'on' })).toEqual([])
  })

  it('are none where it is so', async () => {
    expect(await on().plan({ smt: 'on' })).toEqual([])
    for (const smt of ['forceoff', 'notsupported', 'notimplemented'] as const)
      expect(await at(smt).plan({ smt: 'off' })).toEqual([])
  })

  it.each(['forceoff', 'notsupported', 'notimplemented'] as const)('cannot switch on what is %s', async (smt) => {
    await expect(at(smt).plan({ smt: 'on' })).rejects.toMatchObject({
      code: smt === 'forceoff' ? 'JANUS_HOST_UNFIT' : 'JANUS_HOST_LACKS_FEATURE',
      message: expect.stringContaining(smt),
    })
    const status = smt === 'forceoff' ? 'critical' : 'skipped'
    expect(await at(smt).finding('smt-requested', { smt: 'on' })).toMatchObject({ status })
  })

  it('refuse to take the CPU of a virtual machine away', async () => {
    const model = tuningMachine()
    model.holdNode('/dev/kvm')
    model.put({ '/proc/4000/task/4001/status': 'Name:\tCPU 0/KVM\nCpus_allowed_list:\t1,3\n' })
    await expect(onModel(cpuSmt, model).plan({ smt: 'off' })).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
      message: expect.stringContaining('process 4000 (qemu-system-x86)'),
    })
    model.put({ '/proc/4000/task/4001/status': 'Name:\tCPU 0/KVM\nCpus_allowed_list:\t0-1\n' })
    expect(await onModel(cpuSmt, model).plan({ smt: 'off' })).toHaveLength(1)
  })

  it('refuse to leave a cpuset partition without a CPU', async () => {
    const group = '/sys/fs/cgroup/guests.slice'
    const files = {
      [`${group}/cpuset.cpus.partition`]: 'isolated\n',
      [`${group}/cpuset.cpus.effective`]: '1,3\n',
    }
    await expect(on({ files }).plan({ smt: 'off' })).rejects.toMatchObject({ message: expect.stringContaining(group) })
    const invalid = { ...files, [`${group}/cpuset.cpus.partition`]: 'isolated invalid (Cpu list empty)\n' }
    expect(await on({ files: invalid }).plan({ smt: 'off' })).toHaveLength(1)
  })
})

describe('the check of cpu-smt', () => {
  it('names the second threads', async () => {
    expect(await on().check({ smt: 'off' })).toMatchObject([
      { id: 'smt', status: 'ok', summary: 'the switch is on; CPU 1,3 are second threads of their cores' },
      { id: 'smt-requested', status: 'ok', summary: expect.stringContaining('take CPU 1,3') },
    ])
  })

  it('is skipped where there are none', async () => {
    expect(await at('notsupported').check()).toMatchObject([
      { status: 'skipped', summary: expect.stringContaining('notsupported') },
    ])
  })
})
