import {
  createKernelModel,
  emptyDirectory,
  type KernelModel,
  standardMachine,
  type TreeInput,
} from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { cpuIsolation, cpuIsolationOptions } from '../../src/index.js'
import { contextOn } from '../fixture/context.js'
import { hostWith, machine, processors } from './machines.js'

describe('the options of cpu-isolation', () => {
  it.each([
    {},
    { cpus: '' },
    { cpus: 'all' },
    { cpus: '3-1' },
    { cpus: '1', group: '../x' },
    { cpus: '1', slices: ['a/b.slice'] },
    { cpus: '1', mode: 'cset' },
    { cpus: '1', force: true },
  ])('refuse %j', (options) => {
    expect(cpuIsolationOptions.safeParse(options).success).toBe(false)
  })

  it('read a list of processors', () => {
    expect(cpuIsolationOptions.parse({ cpus: '8,2-3' }).cpus).toEqual([2, 3, 8])
  })
})

describe('cpu-isolation refuses', () => {
  it.each([
    ['all processors', machine(), { cpus: '0-3' }, ['no processor would be left', '0-3 are online']],
    ['processors that are offline', machine(), { cpus: '4' }, ['processor 4 is offline', '0-3']],
    ['processors that do not exist', machine(), { cpus: '3,9' }, ['there is no processor 9']],
    [
      'what another partition has',
      machine({ enabled: ['cpuset'], groups: { dpdk: { cpus: '3', partition: 'root' } } }),
      { cpus: '2-3' },
      ['processor 3 already belongs to the partition dpdk', '/sys/fs/cgroup/dpdk/cpuset.cpus'],
    ],
    [
      'all that another partition leaves',
      machine({ enabled: ['cpuset'], groups: { dpdk: { cpus: '2-3', partition: 'root' } } }),
      { cpus: '0-1' },
      ['no processor would be left'],
    ],
    [
      'a partition of what a neighbour names for itself',
      machine({ enabled: ['cpuset'], groups: { batch: { cpus: '1-2' } } }),
      { cpus: '2-3' },
      ['the cgroup batch names processor 2', '1-2'],
    ],
    ['systemd where it does not run', machine(), { cpus: '3', mode: 'systemd' }, ['systemd does not run']],
    ['to last longer than cgroups do', machine(), { cpus: '3', persistent: true }, ['end with the boot']],
    [
      'cgroups of its own where systemd owns them',
      machine({}, { '/run/systemd/system': emptyDirectory() }),
      { cpus: '3', mode: 'partition' },
      ['systemd owns the cgroup tree', '/run/systemd/system'],
    ],
    [
      'to restrict a group that has no other processors',
      machine({ enabled: ['cpuset'], groups: { batch: { cpus: '3' } } }),
      { cpus: '2-3', mode: 'restrict' },
      ['batch has no other processors', 'cpuset.cpus: 3'],
    ],
  ] as const)('%s', async (_, kernel: KernelModel, options, words) => {
    await refused(kernel.host, options, words)
  })

  it('what isolcpus= took at boot', async () => {
    const standard = standardMachine()
    const { host } = createKernelModel({
      ...standard,
      cgroups: { online: '0-3' },
      attributes: { ...standard.attributes, ...processors('2-3') },
    })
    await refused(host, { cpus: '1-2' }, [
      'processor 2 is isolated since boot by isolcpus=',
      '/sys/devices/system/cpu/isolated: 2-3',
    ])
  })

  it.each<[string, TreeInput, string]>([
    ['version 1 alone', { '/sys/fs/cgroup/cpuset/cpuset.cpus': '0-3\n' }, 'belongs to cgroup version 1'],
    [
      'version 1 beside version 2',
      { '/sys/fs/cgroup/cgroup.controllers': 'memory\n', '/sys/fs/cgroup/cpuset/cpuset.cpus': '0-3\n' },
      'belongs to cgroup version 1',
    ],
    ['no cpuset', { '/sys/fs/cgroup/cgroup.controllers': 'cpu memory\n' }, 'no controller cpuset'],
    [
      'a container',
      { '/sys/fs/cgroup/cgroup.controllers': 'cpuset\n', '/sys/fs/cgroup/cgroup.type': 'domain\n' },
      'container',
    ],
    ['no cgroups at all', {}, 'no cgroup version 2 is mounted'],
  ])('a host with %s, of which a check says skipped', async (_, tree, words) => {
    const host = hostWith({ '/sys/devices/system/cpu/online': '0-3\n', ...tree })
    await refused(host, { cpus: '3' }, [words], 'JANUS_HOST_LACKS_FEATURE')
    const found = await cpuIsolation.check(contextOn(host, undefined))
    expect(found).toContainEqual(
      expect.objectContaining({ id: 'isolation-cgroups', status: 'skipped', summary: expect.stringContaining(words) }),
    )
  })
})

async function refused(
  host: KernelModel['host'],
  options: object,
  words: readonly string[],
  code = 'JANUS_HOST_UNFIT',
): Promise<void> {
  const context = contextOn(host, cpuIsolationOptions.parse(options))
  const error = await Promise.resolve(cpuIsolation.apply(context)).catch((failure: unknown) => failure)
  expect(error).toMatchObject({ code, remedy: expect.any(String) })
  for (const word of words) expect((error as Error).message).toContain(word)
  const status = code === 'JANUS_HOST_LACKS_FEATURE' ? 'skipped' : 'critical'
  expect(await cpuIsolation.check(context)).toContainEqual(
    expect.objectContaining({ id: 'isolation-requested', status, remedy: expect.any(String) }),
  )
}
