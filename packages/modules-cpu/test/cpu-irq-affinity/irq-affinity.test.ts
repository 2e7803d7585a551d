import { standardAddresses } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { cpuIrqAffinity, cpuIrqAffinityOptions } from '../../src/index.js'
import { onModel, writes } from '../fixture/on-model.js'
import { type TuningMachine, tuningMachine } from '../fixture/tuning-machine.js'

const on = (machine: TuningMachine = {}) => onModel(cpuIrqAffinity, tuningMachine(machine))
const list = (number: number) => `/proc/irq/${number}/smp_affinity_list`

describe('the options of cpu-irq-affinity', () => {
  it.each([{}, { awayFrom: '1', onto: '2' }, { awayFrom: 'x' }, { onto: '1', devices: [] }])('refuse %j', (options) => {
    expect(cpuIrqAffinityOptions.safeParse(options).success).toBe(false)
  })
})

describe('the changes of cpu-irq-affinity', () => {
  it('take the CPUs out of what each interrupt may use, and out of what later ones may', async () => {
    expect(writes(await on().plan({ awayFrom: '2-3' }))).toEqual([
      ['/proc/irq/default_smp_affinity', '3'],
      [list(9), '0-1'],
      [list(24), '0-1'],
      // It could use CPU 3 only: now it may use all that are left.
      [list(25), '0-1'],
    ])
  })

  it('leave alone the timer, queues that the kernel spreads, and interrupts without a handler', async () => {
    const touched = writes(await on().plan({ awayFrom: '2-3' })).map(([path]) => path)
    for (const number of [0, 10, 27, 28]) expect(touched).not.toContain(list(number))
  })

  it('move the interrupts of one device alone, and nothing that comes later', async () => {
    const changes = await on().plan({ onto: '1', devices: [standardAddresses.nic] })
    expect(writes(changes)).toEqual([
      [list(24), '1'],
      [list(25), '1'],
    ])
    expect(changes[0]).toMatchObject({ mayFail: { errors: ['EIO', 'EPERM'] } })
  })

  it('use the line of a device that sends no messages', async () => {
    const files = { [`/sys/bus/pci/devices/${standardAddresses.usb}/irq`]: '9\n' }
    expect(writes(await on({ files }).plan({ onto: '0', devices: [standardAddresses.usb] }))).toEqual([[list(9), '0']])
  })

  it('never leave an interrupt without a CPU that is online', async () => {
    const processors = {
      cores: [
        [0, 1],
        [2, 3],
      ],
      offline: [1],
    }
    const interrupts = [{ number: 24, affinity: '1-2', actions: 'eth0' }]
    // What would be left of 1-2 is CPU 1, which is offline.
    expect(writes(await on({ processors, interrupts }).plan({ awayFrom: '2' }))).toContainEqual([list(24), '0,3'])
  })

  it.each<[string, object, string, string]>([
    ['no CPU left', { awayFrom: '0-3' }, 'JANUS_HOST_UNFIT', 'no CPU would be left'],
    ['a CPU that is not online', { onto: '4' }, 'JANUS_HOST_UNFIT', 'CPU 4 is not online'],
    ['a device that is not there', { onto: '1', devices: ['0000:7f:00.0'] }, 'JANUS_DEVICE_NOT_FOUND', '0000:7f:00.0'],
  ])('refuse %s', async (_, options, code, words) => {
    await expect(on().plan(options)).rejects.toMatchObject({ code, message: expect.stringContaining(words) })
    expect(await on().finding('interrupts-requested', options)).toMatchObject({ status: 'critical' })
  })
})

describe('the check of cpu-irq-affinity', () => {
  it('says what cannot be moved, and why', async () => {
    expect(await on().finding('interrupts-requested', { awayFrom: '2-3' })).toMatchObject({
      status: 'ok',
      summary: expect.stringContaining('3 cannot be moved'),
      detail: expect.stringContaining('interrupt 27 (nvme0q1) on CPU 2, because the kernel spreads'),
    })
  })

  it('tells of irqbalance, and what to set there', async () => {
    const machine = on({ files: { '/sys/fs/cgroup/system.slice/irqbalance.service/cgroup.procs': '' } })
    expect(await machine.finding('irqbalance', { awayFrom: '2-3' })).toMatchObject({
      status: 'warn',
      remedy: expect.stringContaining('IRQBALANCE_BANNED_CPULIST=2-3'),
    })
    expect(await machine.finding('irqbalance', { onto: '0' })).toMatchObject({
      remedy: expect.stringContaining('IRQBALANCE_BANNED_CPULIST=1-3'),
    })
  })

  it('is skipped where no interrupts are shown', async () => {
    expect(await on({ interrupts: [] }).finding('interrupts')).toMatchObject({ status: 'skipped' })
  })
})
