import type { SmtControl } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { cpuSmt } from '../../src/index.js'
import { onModel } from '../fixture/on-model.js'
import { type TuningMachine, tuningMachine } from '../fixture/tuning-machine.js'

const CONTROL = '/sys/devices/system/cpu/smt/control'
const CORES = [
  [0, 1],
  [2, 3],
]
const on = (machine: TuningMachine = {}) => onModel(cpuSmt, tuningMachine(machine))
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
      { path: '/sys/devices/system/cpu/cpu2/online', from: '1', value: '0' },
      { path: '/proc/irq/25/smp_affinity_list', value: '3' },
    ])
    // Its first thread is offline, and no list shows that it is the second one: its APIC id does.
    expect(change).toMatchObject({ why: expect.stringContaining('CPU 1,3') })
    const [other] = await on().plan({ smt: 'off' })
    expect(other?.undo).toMatchObject([{ path: CONTROL }, { path: '/proc/irq/25/smp_affinity_list', value: '3' }])
  })

  it('are none where it is so', async () => {
    expect(await on().plan({ smt: 'on' })).toEqual([])
    for (const smt of ['forceoff', 'notsupported', 'notimplemented'] as const)
      expect(await at(smt).plan({ smt: 'off' })).toEqual([])
  })

  it.each(['forceoff', 'notsupported', 'notimplemented'] as const)('cannot switch on what is %s', async (smt) => {
    await expect(at(smt).plan({ smt: 'on' })).rejects.toMatchObject({
      code: 'JANUS_HOST_UNFIT',
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
