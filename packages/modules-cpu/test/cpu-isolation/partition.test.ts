import type { Change } from '@janus/core'
import type { KernelModel } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { cpuIsolation, cpuIsolationOptions } from '../../src/index.js'
import { contextOn } from '../fixture/context.js'
import { machine } from './machines.js'

describe('a partition of cpu-isolation', () => {
  it('enables the controller, makes the group, gives it the processors and takes them from everything else', async () => {
    expect((await plan(machine(), '2-3')).map(summary)).toEqual([
      'write-attribute /sys/fs/cgroup/cgroup.subtree_control +cpuset',
      'create-directory /sys/fs/cgroup/janus.slice',
      'write-attribute /sys/fs/cgroup/janus.slice/cpuset.cpus 2-3',
      'write-attribute /sys/fs/cgroup/janus.slice/cpuset.cpus.partition isolated',
    ])
  })

  it('leaves the controller as it is where it is enabled', async () => {
    const changes = await plan(machine({ enabled: ['cpuset', 'memory'] }), '3')
    expect(changes.map(summary)[0]).toBe('create-directory /sys/fs/cgroup/janus.slice')
  })

  it('is planned as it is named and asked for', async () => {
    const changes = await plan(machine(), '1', { group: 'vms', partition: 'root' })
    expect(changes.map(summary).at(-1)).toBe('write-attribute /sys/fs/cgroup/vms/cpuset.cpus.partition root')
  })

  it('needs nothing when it is there already', async () => {
    const kernel = machine({ enabled: ['cpuset'], groups: { 'janus.slice': { cpus: '2-3', partition: 'isolated' } } })
    expect(await plan(kernel, '3,2')).toEqual([])
    expect(await findings(kernel, '2-3')).toMatchObject([
      { id: 'isolation', status: 'ok', summary: expect.stringContaining('2-3 by the partition janus.slice') },
      { id: 'isolation-requested', status: 'ok', summary: 'processors 2-3 are isolated by partition' },
      { id: 'isolation-tasks', status: 'ok', summary: expect.stringContaining('1 kernel threads') },
    ])
  })

  it('that gets other processors is read back: the kernel takes a list with which it is none', async () => {
    const kernel = machine({
      enabled: ['cpuset'],
      groups: { 'janus.slice': { cpus: '2-3', partition: 'isolated' }, batch: {} },
    })
    const [change, ...rest] = await plan(kernel, '1-3')
    const verified = (cpus: string) => [
      { kind: 'equals', path: '/sys/fs/cgroup/janus.slice/cpuset.cpus', value: cpus },
      { kind: 'equals', path: '/sys/fs/cgroup/janus.slice/cpuset.cpus.partition', value: 'isolated' },
    ]
    expect([rest, change]).toMatchObject([
      [],
      { value: '1-3', verify: verified('1-3'), undo: [{ verify: verified('2-3') }] },
    ])
    // A neighbour names one of them between the plan and the write.
    kernel.write('/sys/fs/cgroup/batch/cpuset.cpus', '1')
    expect(kernel.write('/sys/fs/cgroup/janus.slice/cpuset.cpus', '1-3')).toBe('ok')
    expect(kernel.read('/sys/fs/cgroup/janus.slice/cpuset.cpus.partition')).toEqual({
      value: 'isolated invalid (Cpu list in cpuset.cpus not exclusive)\n',
    })
  })

  it('that is not in effect is given up before it is asked for again, and a check says why it is not', async () => {
    const kernel = machine({ enabled: ['cpuset'], groups: { 'janus.slice': { cpus: '0-3', partition: 'isolated' } } })
    const reason = 'isolated invalid (Parent unable to distribute cpu downstream)'
    expect((await plan(kernel, '2-3')).map(summary)).toEqual([
      'write-attribute /sys/fs/cgroup/janus.slice/cpuset.cpus.partition member',
      'write-attribute /sys/fs/cgroup/janus.slice/cpuset.cpus 2-3',
      'write-attribute /sys/fs/cgroup/janus.slice/cpuset.cpus.partition isolated',
    ])
    expect(await findings(kernel, '2-3')).toContainEqual(
      expect.objectContaining({ id: 'isolation-requested', status: 'warn', summary: expect.stringContaining(reason) }),
    )
  })

  it('tells which processes lose their own choice of processors, on kernels before 6.2', async () => {
    const tasks = [
      { pid: 1, name: 'init' },
      { pid: 77, name: 'sampler', processors: [3] },
    ]
    const [last] = (await plan(machine({ tasks }), '2-3')).slice(-1)
    expect(last?.irreversible).toEqual([
      { id: 'task-affinities', summary: expect.stringContaining('77 (sampler) on 3') },
    ])
  })
})

function summary(change: Change): string {
  return [change.kind, 'path' in change ? change.path : '', 'value' in change ? change.value : ''].join(' ').trim()
}

async function plan({ host }: KernelModel, cpus: string, options: object = {}): Promise<readonly Change[]> {
  return await cpuIsolation.apply(contextOn(host, cpuIsolationOptions.parse({ cpus, ...options })))
}

async function findings({ host }: KernelModel, cpus: string) {
  return await cpuIsolation.check(contextOn(host, cpuIsolationOptions.parse({ cpus })))
}
