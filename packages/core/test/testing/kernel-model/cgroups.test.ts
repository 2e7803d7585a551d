import { beforeEach, describe, expect, it } from 'vitest'
import { type CgroupsSpec, createKernelModel, type KernelModel } from '../../../src/testing/index.js'

const ROOT = '/sys/fs/cgroup'
const CONTROL = `${ROOT}/cgroup.subtree_control`

describe('the cgroup tree of the kernel model', () => {
  let kernel: KernelModel
  beforeEach(() => {
    kernel = model()
  })

  it('shows no cpuset below the root before the controller is enabled', async () => {
    await make('j')
    expect(kernel.write(`${ROOT}/j/cpuset.cpus`, '2-3')).toBe('ENOENT')
    expect(kernel.write(CONTROL, '+bogus')).toBe('EINVAL')
    expect(kernel.write(CONTROL, '+cpuset')).toBe('ok')
    expect(kernel.write(CONTROL, '+cpuset')).toBe('ok')
    expect(kernel.read(CONTROL)).toEqual({ value: 'cpuset\n' })
    expect(kernel.read(`${ROOT}/j/cpuset.cpus`)).toEqual({ value: '\n' })
  })

  it('has a controller only where every group above has it enabled', async () => {
    await make('j')
    await make('j/k')
    expect(kernel.write(`${ROOT}/j/cgroup.subtree_control`, '+cpuset')).toBe('ENOENT')
    expect(kernel.write(`${ROOT}/j/k/cpuset.cpus`, '2')).toBe('ENOENT')
  })

  it.each([
    ['3,2', 'ok', '2-3\n'],
    ['2-3\n', 'ok', '2-3\n'],
    ['1,3', 'ok', '1,3\n'],
    ['9', 'ERANGE', '\n'],
    ['x', 'EINVAL', '\n'],
    ['3-2', 'EINVAL', '\n'],
    ['\n', 'ok', '\n'],
  ])('takes %j for cpuset.cpus with %s', async (written, answer, read) => {
    await enabledGroup('j')
    expect(kernel.write(`${ROOT}/j/cpuset.cpus`, written)).toBe(answer)
    expect(kernel.read(`${ROOT}/j/cpuset.cpus`)).toEqual({ value: read })
  })

  it('takes the processors of a partition from everything else, and gives them back', async () => {
    await partition('j', '2-3')
    expect(kernel.read(`${ROOT}/cpuset.cpus.effective`)).toEqual({ value: '0-1\n' })
    expect((await kernel.host.readText('/proc/1/status')).value).toContain('Cpus_allowed_list:\t0-1\n')
    expect(kernel.write(`${ROOT}/j/cpuset.cpus.partition`, 'member')).toBe('ok')
    expect(kernel.read(`${ROOT}/cpuset.cpus.effective`)).toEqual({ value: '0-3\n' })
  })

  it.each([
    ['0-3', 'Parent unable to distribute cpu downstream'],
    ['', 'cpuset.cpus is empty'],
  ])('answers ok to a partition of %j and prints why it is none', async (cpus, reason) => {
    await partition('j', cpus)
    expect(kernel.read(`${ROOT}/j/cpuset.cpus.partition`)).toEqual({ value: `isolated invalid (${reason})\n` })
    expect(kernel.read(`${ROOT}/cpuset.cpus.effective`)).toEqual({ value: '0-3\n' })
  })

  it('keeps an invalid partition invalid until it was a member, or its list changes', async () => {
    await enabledGroup('s')
    kernel.write(`${ROOT}/s/cpuset.cpus`, '3')
    await partition('j', '2-3')
    const invalid = { value: 'isolated invalid (Cpu list in cpuset.cpus not exclusive)\n' }
    expect(kernel.read(`${ROOT}/j/cpuset.cpus.partition`)).toEqual(invalid)
    kernel.write(`${ROOT}/s/cpuset.cpus`, '\n')
    expect(kernel.write(`${ROOT}/j/cpuset.cpus.partition`, 'isolated')).toBe('ok')
    expect(kernel.read(`${ROOT}/j/cpuset.cpus.partition`)).toEqual(invalid)
    kernel.write(`${ROOT}/j/cpuset.cpus`, '2-3')
    expect(kernel.read(`${ROOT}/j/cpuset.cpus.partition`)).toEqual(invalid)
    kernel.write(`${ROOT}/j/cpuset.cpus`, '2')
    expect(kernel.read(`${ROOT}/j/cpuset.cpus.partition`)).toEqual({ value: 'isolated\n' })
  })

  it.each([
    ['1', 'ok'],
    ['999999', 'ESRCH'],
    ['abc', 'EINVAL'],
    ['2', 'EINVAL'],
  ])('moves the task %j with %s', async (pid, answer) => {
    await make('j')
    expect(kernel.write(`${ROOT}/j/cgroup.procs`, pid)).toBe(answer)
    if (answer === 'ok') expect(kernel.read(`/proc/${pid}/cgroup`)).toEqual({ value: '0::/j\n' })
  })

  it('clears no list of a group that has tasks, and removes none that has tasks or groups', async () => {
    await enabledGroup('j')
    kernel.write(`${ROOT}/j/cpuset.cpus`, '2')
    kernel.write(`${ROOT}/j/cgroup.procs`, '1')
    expect(kernel.write(`${ROOT}/j/cpuset.cpus`, '\n')).toBe('ENOSPC')
    expect(await remove('j')).toBe('EBUSY')
    kernel.write(`${ROOT}/cgroup.procs`, '1')
    expect(await remove('j')).toBe('done')
    await make('j')
    await make('j/k')
    expect(await remove('j')).toBe('EBUSY')
  })

  it('takes a controller back, with all that was set, unless a group below hands it on', async () => {
    await partition('j', '2-3')
    kernel.write(`${ROOT}/j/cgroup.subtree_control`, '+cpuset')
    expect(kernel.write(CONTROL, '-cpuset')).toBe('EBUSY')
    kernel.write(`${ROOT}/j/cgroup.subtree_control`, '-cpuset')
    expect(kernel.write(CONTROL, '-cpuset')).toBe('ok')
    expect(kernel.read(`${ROOT}/j/cpuset.cpus`)).toEqual({ errno: 'ENOENT' })
    kernel.write(CONTROL, '+cpuset')
    expect(kernel.read(`${ROOT}/j/cpuset.cpus`)).toEqual({ value: '\n' })
  })

  async function perform(order: Parameters<Awaited<ReturnType<KernelModel['machine']['startHand']>>['perform']>[0]) {
    const answer = await (await kernel.machine.startHand()).perform(order, 1_000)
    return answer.outcome === 'failed' ? answer.errno : answer.outcome
  }
  const make = (name: string) => perform({ kind: 'create-directory', path: `${ROOT}/${name}`, mode: 0o755 })
  const remove = (name: string) => perform({ kind: 'remove-directory', path: `${ROOT}/${name}` })
  async function enabledGroup(name: string) {
    await make(name)
    kernel.write(CONTROL, '+cpuset')
  }
  async function partition(name: string, cpus: string) {
    await enabledGroup(name)
    kernel.write(`${ROOT}/${name}/cpuset.cpus`, cpus)
    kernel.write(`${ROOT}/${name}/cpuset.cpus.partition`, 'isolated')
  }
})

function model(cgroups: Partial<CgroupsSpec> = {}): KernelModel {
  const tasks = [
    { pid: 1, name: 'init' },
    { pid: 2, name: 'kthreadd', kernelThread: 'bound' as const },
  ]
  return createKernelModel({ cgroups: { online: '0-3', tasks, ...cgroups } })
}
