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
    expect(changes[0]).toMatchObject({ mayFail: { errors: ['EIO', 'EPERM', 'ENOSPC'] } })
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

  it('are made and undone only while the number means the same interrupt', async () => {
    const changes = await on().plan({ onto: '1', devices: [standardAddresses.nic] })
    const identity = [{ kind: 'equals', path: '/sys/kernel/irq/24/actions', value: 'eth0-rx-0' }]
    expect(changes[0]).toMatchObject({
      expect: identity,
      undo: [{ path: list(24), from: '1', value: '0-3', expect: identity }],
    })
  })

  it('keep what is inside already, and do not widen it', async () => {
    const interrupts = [
      { number: 24, affinity: '0', actions: 'eth0' },
      { number: 25, affinity: '1-2', actions: 'eth1' },
      { number: 26, affinity: '3', actions: 'eth2' },
    ]
    expect(writes(await on({ interrupts }).plan({ onto: '0-1' })).slice(1)).toEqual([
      [list(25), '1'],
      [list(26), '0-1'],
    ])
  })

  it('leave alone what the kernel says nobody can set, whatever its name', async () => {
    const interrupts = [{ number: 30, affinity: '2', actions: 'megasas0-msix2', managed: true }]
    const planned = async (personality: '6.1' | '6.12') =>
      writes(await on({ personality, interrupts }).plan({ awayFrom: '2' })).map(([path]) => path)
    expect(await planned('6.12')).not.toContain(list(30))
    // It does not say so before: the step is planned, and recorded as skipped.
    expect(await planned('6.1')).toContain(list(30))
  })

  it('leave where it is what the remaining CPUs have no vector for, and move the others', async () => {
    const processors = { cores: [[0], [1], [2], [3]], vectors: 2 }
    const interrupts = [24, 25, 26].map((number) => ({ number, affinity: `${number - 23}`, actions: `eth0-${number}` }))
    const model = tuningMachine({ processors, interrupts })
    const changes = await onModel(cpuIrqAffinity, model).plan({ onto: '0' })
    const answers = changes.map((change) => change.kind === 'write-attribute' && model.write(change.path, change.value))
    expect(answers).toEqual(['ok', 'ok', 'ok', 'ENOSPC'])
    expect(model.read(list(26))).toMatchObject({ value: '3\n' })
    expect(changes.at(-1)).toMatchObject({
      mayFail: { errors: expect.arrayContaining(['ENOSPC']), because: expect.stringContaining('no vector left') },
    })
  })

  it('move the only vector of an NVMe disk, which its queues share', async () => {
    const interrupts = [{ number: 30, affinity: '2-3', actions: 'nvme0q0,nvme0q1' }]
    expect(writes(await on({ interrupts }).plan({ awayFrom: '2' }))).toContainEqual([list(30), '3'])
  })

  it('keep CPUs free that are offline', async () => {
    const processors = {
      cores: [
        [0, 1],
        [2, 3],
      ],
      offline: [3],
    }
    expect(writes(await on({ processors }).plan({ awayFrom: '2-3' }))).toContainEqual([list(24), '0-1'])
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

  it('tells of an irqbalance that nobody but its administrator can tell anything, and what to set there', async () => {
    const machine = on({ files: { '/run/irqbalance.pid': '700\n' } })
    expect(await machine.finding('irqbalance', { awayFrom: '2-3' })).toMatchObject({
      status: 'warn',
      remedy: expect.stringContaining('IRQBALANCE_BANNED_CPULIST=2-3'),
    })
    expect(await machine.finding('irqbalance', { onto: '0' })).toMatchObject({
      remedy: expect.stringContaining('IRQBALANCE_BANNED_CPULIST=1-3'),
    })
  })

  it('is skipped where no interrupts are shown, as in many containers', async () => {
    expect(await on({ interrupts: [] }).finding('interrupts')).toMatchObject({ status: 'skipped' })
    const model = tuningMachine()
    model.remove('/proc/irq')
    expect(await onModel(cpuIrqAffinity, model).check({ awayFrom: '2' })).toMatchObject([
      { id: 'interrupts', status: 'skipped' },
      { id: 'irqbalance' },
      { id: 'interrupts-requested', status: 'skipped', summary: expect.stringContaining('/proc/irq') },
    ])
    await expect(onModel(cpuIrqAffinity, model).plan({ awayFrom: '2' })).rejects.toMatchObject({
      code: 'JANUS_HOST_LACKS_FEATURE',
    })
  })
})
