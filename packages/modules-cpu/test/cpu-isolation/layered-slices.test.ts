import type { Janus } from '@janus/core'
import { describe, expect, it } from 'vitest'
import { cpuIsolation } from '../../src/index.js'
import { withJanusOn } from '../fixture/janus-on.js'
import { HOST_UNITS, hostLists, systemdMachine } from './machines.js'

const ALL = ['0-5', '0-5', '0-5']

describe('slices of systemd of which another file speaks as well', () => {
  it('stay where a persistent isolation keeps them when the one before it, until a reboot, is undone', async () => {
    const kernel = systemdMachine({ delegating: true })
    await withJanusOn(kernel, cpuIsolation, async (janus) => {
      const first = await isolate(janus, { cpus: '2-3' })
      await isolate(janus, { cpus: '2-3', persistent: true })
      expect(await janus.rollback({ transaction: first })).toMatchObject([{ outcome: 'undone' }])
      expect(hostLists(kernel)).toEqual(['0-1', '0-1', '0-1'])
      expect((await janus.status()).drift.filter(({ state }) => state !== 'holds')).toEqual([])
      expect(await janus.rollback()).toMatchObject([{ outcome: 'undone' }])
      expect(hostLists(kernel)).toEqual(ALL)
    })
  })

  it.each([
    '/run/systemd/system/user.slice.d/60-administrator.conf',
    '/etc/systemd/system/user.slice.d/60-administrator.conf',
    '/etc/systemd/system.control/user.slice.d/50-AllowedCPUs.conf',
    '/run/systemd/system.control/user.slice.d/50-AllowedCPUs.conf',
  ])('stay where the administrator keeps them meanwhile, in %s', async (path) => {
    const kernel = systemdMachine({ delegating: true })
    await withJanusOn(kernel, cpuIsolation, async (janus) => {
      await isolate(janus, { cpus: '2-3' })
      kernel.put({ [path]: '[Slice]\nAllowedCPUs=0-1\n' })
      expect(await janus.rollback()).toMatchObject([{ outcome: 'undone' }])
      expect(hostLists(kernel)).toEqual(['0-5', '0-1', '0-5'])
    })
  })

  it('get back what the isolation below has, as long as its files are there', async () => {
    const kernel = systemdMachine({ delegating: true })
    await withJanusOn(kernel, cpuIsolation, async (janus) => {
      await isolate(janus, { cpus: '1-3' })
      await isolate(janus, { cpus: '3', persistent: true })
      expect(hostLists(kernel)).toEqual(['0-2', '0-2', '0-2'])
      expect(await janus.rollback()).toMatchObject([{ outcome: 'undone' }])
      expect(hostLists(kernel)).toEqual(['0', '0', '0'])
      expect(await janus.rollback()).toMatchObject([{ outcome: 'undone' }])
      expect(hostLists(kernel)).toEqual(ALL)
    })
  })

  it.each(['1-3', '3'])('get all back after a boot that ended the isolation of %s below', async (cpus) => {
    const kernel = systemdMachine({ delegating: true })
    await withJanusOn(kernel, cpuIsolation, async (janus) => {
      await isolate(janus, { cpus })
      await isolate(janus, { cpus: '3', persistent: true })
      for (const unit of HOST_UNITS) kernel.remove(`/run/systemd/system/${unit}.d/90-janus-cpu-isolation.conf`)
      kernel.put({ '/proc/sys/kernel/random/boot_id': '00000000-0000-4000-8000-000000000002\n' })
      expect(await janus.rollback()).toMatchObject([{ outcome: 'undone' }])
      expect(hostLists(kernel)).toEqual(ALL)
    })
  })
})

async function isolate(janus: Janus, options: object): Promise<string> {
  return (await janus.apply(await janus.plan('cpu-isolation', options))).transaction
}
