import type { KernelModel } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { cpuIsolation, cpuIsolationOptions } from '../../src/index.js'
import { contextOn } from '../fixture/context.js'
import { machine, systemdMachine } from './machines.js'

const INIT = { pid: 1, name: 'init' }
const QEMU = { pid: 77, name: 'qemu', group: 'vms' }

describe('what cpu-isolation says will be lost, on kernels before 6.2', () => {
  it('names processes that chose their processors', async () => {
    const kernel = machine({ tasks: [INIT, { pid: 77, name: 'sampler', processors: [3] }] })
    expect(await losses(kernel)).toEqual([
      'threads that chose their processors themselves lose that choice: 77 (sampler) on 3',
    ])
  })

  it('names threads of a process that are pinned while its first one is not, as the vCPUs of a guest', async () => {
    const kernel = machine({ groups: { vms: {} }, tasks: [INIT, QEMU] })
    thread(kernel, { pid: 77, thread: 78, name: 'CPU 0/KVM', cpus: '2', group: '/vms' })
    thread(kernel, { pid: 77, thread: 79, name: 'worker', cpus: '0-3', group: '/vms' })
    expect(await losses(kernel)).toEqual([expect.stringMatching(/: thread 78 \(CPU 0\/KVM\) of 77 \(qemu\) on 2$/)])
  })

  it('names no thread that its own group keeps where it is', async () => {
    const kernel = machine({ enabled: ['cpuset'], groups: { vms: { cpus: '2' } }, tasks: [INIT, QEMU] })
    thread(kernel, { pid: 77, thread: 78, name: 'CPU 0/KVM', cpus: '2', group: '/vms' })
    expect(await losses(kernel)).toEqual([])
  })

  it('names kernel threads neither', async () => {
    const kernel = machine({ tasks: [INIT, { pid: 11, name: 'migration/3', kernelThread: 'bound', processors: [3] }] })
    expect(await losses(kernel)).toEqual([])
  })

  it('names with systemd those in its slices only, where the other groups have the controller already', async () => {
    const kernel = systemdMachine({ delegating: true })
    pinnedGuest(kernel)
    thread(kernel, { pid: 300, thread: 301, name: 'worker', cpus: '2', group: '/system.slice/worker.service' })
    expect(await losses(kernel, { cpus: '3' })).toEqual([expect.stringMatching(/: thread 301 [^,]* on 2$/)])
    expect(await losses(kernel, { cpus: '3', slices: ['user.slice'] })).toEqual([])
  })

  it('names with systemd those of guests too where their groups get the controller only now', async () => {
    const kernel = systemdMachine()
    pinnedGuest(kernel)
    expect(await losses(kernel, { cpus: '3' })).toEqual([expect.stringMatching(/: thread 501 [^,]* on 2$/)])
  })

  it('names none in a slice that has its list already, of which systemd gets a drop-in that lasts', async () => {
    const kernel = systemdMachine({ delegating: true, cpus: '0-2' })
    thread(kernel, { pid: 300, thread: 301, name: 'worker', cpus: '2', group: '/system.slice' })
    expect(await losses(kernel, { cpus: '3', persistent: true })).toEqual([])
  })
})

function pinnedGuest(kernel: KernelModel): void {
  thread(kernel, { pid: 500, thread: 501, name: 'CPU 0/KVM', cpus: '2', group: '/machine.slice/guest.scope' })
}

interface Thread {
  readonly pid: number
  readonly thread: number
  readonly name: string
  readonly cpus: string
  readonly group: string
}

function thread(kernel: KernelModel, { pid, thread, name, cpus, group }: Thread): void {
  kernel.put({
    [`/proc/${pid}/task/${thread}/status`]: `Name:\t${name}\nPid:\t${thread}\nCpus_allowed_list:\t${cpus}\n`,
    [`/proc/${pid}/task/${thread}/cgroup`]: `0::${group}\n`,
  })
}

async function losses(
  { host }: KernelModel,
  options: object = { cpus: '3', mode: 'restrict' },
): Promise<readonly string[]> {
  const changes = await cpuIsolation.apply(contextOn(host, cpuIsolationOptions.parse(options)))
  return changes.flatMap(({ irreversible = [] }) => irreversible.map(({ summary }) => summary))
}
