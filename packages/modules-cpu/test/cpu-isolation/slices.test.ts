import type { Janus } from '@janus/core'
import type { KernelModel } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { cpuIsolation } from '../../src/index.js'
import { withJanusOn } from '../fixture/janus-on.js'
import { onModel } from '../fixture/on-model.js'
import { HOST_UNITS, hostLists, systemdMachine } from './machines.js'

describe('the slices of systemd', () => {
  it('get all processors back where a delegating service keeps the controller and the kernel clears no list', async () => {
    const kernel = systemdMachine({ delegating: true })
    await withJanusOn(kernel, cpuIsolation, async (janus) => {
      await janus.apply(await janus.plan('cpu-isolation', { cpus: '2-3' }), { accept: ['task-affinities'] })
      expect(hostLists(kernel)).toEqual(['0-1', '0-1', '0-1'])
      expect(await janus.rollback()).toMatchObject([{ outcome: 'undone' }])
      // Those that are offline too: they have them when they come online.
      expect(hostLists(kernel)).toEqual(['0-5', '0-5', '0-5'])
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
      expect(hostLists(kernel)).toEqual(['0-5', '1', '0-5'])
    })
  })

  it('get them back when the controller came to them only after the apply', async () => {
    const kernel = systemdMachine()
    await withJanusOn(kernel, cpuIsolation, async (janus) => {
      await janus.apply(await janus.plan('cpu-isolation', { cpus: '2-3' }))
      kernel.onCommand('systemctl', () => {
        // A container was started: no list of a group with tasks is cleared, and the controller stays.
        for (const unit of HOST_UNITS) expect(kernel.write(`/sys/fs/cgroup/${unit}/cpuset.cpus`, '\n')).toBe('ENOSPC')
        return { outcome: 'done' }
      })
      expect(await janus.rollback()).toMatchObject([{ outcome: 'undone' }])
      expect(hostLists(kernel)).toEqual(['0-5', '0-5', '0-5'])
    })
  })

  it('have what is left of all processors when fewer are asked for than before, and a check says how many', async () => {
    const kernel = systemdMachine()
    await withJanusOn(kernel, cpuIsolation, async (janus) => {
      await janus.apply(await janus.plan('cpu-isolation', { cpus: '1-3' }))
      expect(hostLists(kernel)).toEqual(['0', '0', '0'])
      expect(await requested(kernel, '3')).toMatchObject({ status: 'ok', summary: expect.stringMatching(/keeps 0-2$/) })
      await janus.apply(await janus.plan('cpu-isolation', { cpus: '3' }))
      expect(hostLists(kernel)).toEqual(['0-2', '0-2', '0-2'])
      expect((await janus.plan('cpu-isolation', { cpus: '3' })).changes).toEqual([])
      await janus.rollback()
      expect(hostLists(kernel)).toEqual(['0', '0', '0'])
      expect((await janus.plan('cpu-isolation', { cpus: '1-3' })).changes).toEqual([])
      await janus.rollback()
      expect(hostLists(kernel)).toEqual(['absent', 'absent', 'absent'])
    })
  })

  it('keep a drop-in that somebody has rewritten since, the first one too', async () => {
    const kernel = systemdMachine()
    const directory = '/run/systemd/system/system.slice.d'
    const path = `${directory}/90-janus-cpu-isolation.conf`
    kernel.put({ [`${directory}/50-other.conf`]: '' })
    await withJanusOn(kernel, cpuIsolation, async (janus) => {
      await janus.apply(await janus.plan('cpu-isolation', { cpus: '2-3' }))
      kernel.put({ [path]: '[Slice]\nAllowedCPUs=1\n' })
      expect(await janus.rollback()).toMatchObject([{ outcome: 'incomplete' }])
      expect(kernel.read(path)).toEqual({ value: '[Slice]\nAllowedCPUs=1\n' })
      expect(hostLists(kernel)).toEqual(['1', '0-5', '0-5'])
    })
  })

  it('never get more than they had without Janus', async () => {
    const kernel = systemdMachine({ delegating: true, cpus: '0-2' })
    await withJanusOn(kernel, cpuIsolation, async (janus) => {
      await janus.apply(await janus.plan('cpu-isolation', { cpus: '1-2' }))
      expect(await requested(kernel, '2')).toMatchObject({ summary: expect.stringMatching(/keeps 0-1$/) })
      await janus.apply(await janus.plan('cpu-isolation', { cpus: '2' }))
      expect(hostLists(kernel)).toEqual(['0-1', '0-1', '0-1'])
    })
  })

  it('are named one by one in a check where they had different processors', async () => {
    const kernel = systemdMachine({ delegating: true })
    kernel.write('/sys/fs/cgroup/user.slice/cpuset.cpus', '1-3')
    expect(await requested(kernel, '3')).toMatchObject({
      summary: expect.stringContaining('system.slice keeps 0-2, user.slice keeps 1-2, init.scope keeps 0-2'),
    })
  })

  it('are not promised a drop-in that systemd would not read, because another one is to last', async () => {
    const kernel = systemdMachine()
    await withJanusOn(kernel, cpuIsolation, async (janus) => {
      await janus.apply(await janus.plan('cpu-isolation', { cpus: '1-3', persistent: true }))
      expect((await janus.plan('cpu-isolation', { cpus: '1-3' })).changes).toEqual([])
      await expect(janus.plan('cpu-isolation', { cpus: '3' })).rejects.toMatchObject({
        code: 'JANUS_HOST_UNFIT',
        message: expect.stringContaining('/etc/systemd/system/system.slice.d/90-janus-cpu-isolation.conf'),
      })
      await janus.apply(await janus.plan('cpu-isolation', { cpus: '3', persistent: true }))
      expect(hostLists(kernel)).toEqual(['0-2', '0-2', '0-2'])
    })
  })

  it('are looked at again after the boot that they are to outlast, and so are the drop-ins', async () => {
    const kernel = systemdMachine()
    const file = '/etc/systemd/system/system.slice.d/90-janus-cpu-isolation.conf'
    const attribute = '/sys/fs/cgroup/system.slice/cpuset.cpus'
    await withJanusOn(kernel, cpuIsolation, async (janus) => {
      await janus.apply(await janus.plan('cpu-isolation', { cpus: '2-3', persistent: true }))
      expect(await notHeld(janus)).toEqual([])
      kernel.write(attribute, '0-3')
      expect(await notHeld(janus)).toEqual([`drifted: ${attribute}`])
      kernel.put({ '/proc/sys/kernel/random/boot_id': '00000000-0000-4000-8000-000000000002\n' })
      expect(await notHeld(janus)).toEqual([`drifted: ${attribute}`])
      kernel.remove(file)
      expect(await notHeld(janus)).toEqual([`drifted: ${file}`, `drifted: ${attribute}`])
    })
  })
})

async function notHeld(janus: Janus): Promise<readonly string[]> {
  const { drift } = await janus.status()
  return drift.filter(({ state }) => state !== 'holds').map(({ state, path }) => `${state}: ${path}`)
}

function requested(kernel: KernelModel, cpus: string) {
  return onModel(cpuIsolation, kernel).finding('isolation-requested', { cpus })
}
