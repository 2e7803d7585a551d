import type { KernelModel } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { cpuIsolation } from '../../src/index.js'
import { withJanusOn } from '../fixture/janus-on.js'
import { onModel } from '../fixture/on-model.js'
import { systemdMachine } from './machines.js'

const HOST = ['system.slice', 'user.slice', 'init.scope']

describe('the slices of systemd', () => {
  it('get all processors back where a delegating service keeps the controller and the kernel clears no list', async () => {
    const kernel = systemdMachine({ delegating: true })
    await withJanusOn(kernel, cpuIsolation, async (janus) => {
      await janus.apply(await janus.plan('cpu-isolation', { cpus: '2-3' }), { accept: ['task-affinities'] })
      expect(lists(kernel)).toEqual(['0-1', '0-1', '0-1'])
      expect(await janus.rollback()).toMatchObject([{ outcome: 'undone' }])
      // Those that are offline too: they have them when they come online.
      expect(lists(kernel)).toEqual(['0-5', '0-5', '0-5'])
      expect(kernel.read('/sys/fs/cgroup/machine.slice/cpuset.cpus')).toEqual({ value: '\n' })
    })
    expect(await onModel(cpuIsolation, kernel).finding('isolation')).toMatchObject({
      summary: 'no processor is isolated',
    })
  })

  it('get back what somebody else has said of them meanwhile, not what they had', async () => {
    const kernel = systemdMachine({ delegating: true })
    await withJanusOn(kernel, cpuIsolation, async (janus) => {
      await janus.apply(await janus.plan('cpu-isolation', { cpus: '2-3' }))
      kernel.write('/sys/fs/cgroup/user.slice/cpuset.cpus', '1')
      expect(await janus.rollback()).toMatchObject([{ outcome: 'undone' }])
      expect(lists(kernel)).toEqual(['0-5', '1', '0-5'])
    })
  })

  it('get them back when the controller came to them only after the apply', async () => {
    const kernel = systemdMachine()
    await withJanusOn(kernel, cpuIsolation, async (janus) => {
      await janus.apply(await janus.plan('cpu-isolation', { cpus: '2-3' }))
      kernel.onCommand('systemctl', () => {
        // A container was started: no list of a group with tasks is cleared, and the controller stays.
        for (const unit of HOST) expect(kernel.write(`/sys/fs/cgroup/${unit}/cpuset.cpus`, '\n')).toBe('ENOSPC')
        return { outcome: 'done' }
      })
      expect(await janus.rollback()).toMatchObject([{ outcome: 'undone' }])
      expect(lists(kernel)).toEqual(['0-5', '0-5', '0-5'])
    })
  })
})

function lists(kernel: KernelModel): readonly string[] {
  return HOST.map((unit) => {
    const answer = kernel.read(`/sys/fs/cgroup/${unit}/cpuset.cpus`)
    return answer !== undefined && 'value' in answer ? answer.value.trim() : 'absent'
  })
}
