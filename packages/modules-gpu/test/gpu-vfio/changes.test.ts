import type { Change } from '@janus/core'
import { link } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { gpuVfio, gpuVfioOptions } from '../../src/index.js'
import { CLASSES, contextOn, createMachine, type TestMachine } from '../fixture/machine.js'

const DISPLAY = {
  address: '0000:01:00.0',
  class: CLASSES.display,
  vendor: '10de',
  device: '2204',
  driver: 'nouveau',
  group: '1',
}
const AUDIO = {
  address: '0000:01:00.1',
  class: CLASSES.audio,
  vendor: '10de',
  device: '1aef',
  driver: 'snd_hda_intel',
  group: '1',
}
const SECOND = {
  address: '0000:02:00.0',
  class: CLASSES.display,
  vendor: '1002',
  device: '73df',
  driver: 'amdgpu',
  group: '2',
}
const AVAILABLE = { '/lib/modules/6.12.0-test/modules.dep': 'kernel/drivers/vfio/pci/vfio-pci.ko:\n' }
const ALLOWED = ['boot-display', 'only-display', 'display'] as const

describe('the changes of gpu-vfio', () => {
  it('override, unbind and bind a function, in this order', async () => {
    const changes = await plan({ devices: [SECOND, DISPLAY] }, { devices: [DISPLAY.address] })
    expect(changes).toEqual([
      {
        kind: 'write-attribute',
        path: '/sys/bus/pci/devices/0000:01:00.0/driver_override',
        from: '(null)',
        value: 'vfio-pci',
        why: expect.any(String),
        verify: [{ kind: 'equals', path: '/sys/bus/pci/devices/0000:01:00.0/driver_override', value: 'vfio-pci' }],
        scope: 'runtime',
        undo: [
          {
            kind: 'write-attribute',
            path: '/sys/bus/pci/devices/0000:01:00.0/driver_override',
            value: '\n',
            why: expect.any(String),
            verify: [{ kind: 'equals', path: '/sys/bus/pci/devices/0000:01:00.0/driver_override', value: '(null)' }],
            scope: 'runtime',
          },
        ],
      },
      {
        kind: 'write-attribute',
        path: '/sys/bus/pci/drivers/nouveau/unbind',
        value: '0000:01:00.0',
        why: expect.any(String),
        expect: [
          { kind: 'linksTo', path: '/sys/bus/pci/devices/0000:01:00.0/driver', target: '/sys/bus/pci/drivers/nouveau' },
          {
            kind: 'unused',
            path: '/sys/bus/pci/devices/0000:01:00.0',
            uses: expect.arrayContaining(['mount', 'session', 'virtual-machine']),
          },
        ],
        verify: [{ kind: 'absent', path: '/sys/bus/pci/devices/0000:01:00.0/driver' }],
        scope: 'runtime',
        undo: [
          {
            kind: 'load-kernel-module',
            name: 'nouveau',
            why: expect.any(String),
            verify: [{ kind: 'exists', path: '/sys/bus/pci/drivers/nouveau' }],
            unless: [{ kind: 'exists', path: '/sys/bus/pci/drivers/nouveau' }],
            scope: 'runtime',
          },
          {
            kind: 'write-attribute',
            path: '/sys/bus/pci/devices/0000:01:00.0/driver_override',
            value: 'nouveau',
            why: expect.any(String),
            verify: [{ kind: 'equals', path: '/sys/bus/pci/devices/0000:01:00.0/driver_override', value: 'nouveau' }],
            unless: [
              {
                kind: 'linksTo',
                path: '/sys/bus/pci/devices/0000:01:00.0/driver',
                target: '/sys/bus/pci/drivers/nouveau',
              },
            ],
            expect: [{ kind: 'absent', path: '/sys/bus/pci/devices/0000:01:00.0/driver' }],
            scope: 'runtime',
          },
          {
            kind: 'write-attribute',
            path: '/sys/bus/pci/drivers/nouveau/bind',
            value: '0000:01:00.0',
            why: expect.any(String),
            expect: [{ kind: 'absent', path: '/sys/bus/pci/devices/0000:01:00.0/driver' }],
            verify: [
              {
                kind: 'linksTo',
                path: '/sys/bus/pci/devices/0000:01:00.0/driver',
                target: '/sys/bus/pci/drivers/nouveau',
              },
            ],
            scope: 'runtime',
          },
        ],
      },
      {
        kind: 'write-attribute',
        path: '/sys/bus/pci/drivers/vfio-pci/bind',
        value: '0000:01:00.0',
        why: expect.any(String),
        expect: [{ kind: 'absent', path: '/sys/bus/pci/devices/0000:01:00.0/driver' }],
        verify: [
          {
            kind: 'linksTo',
            path: '/sys/bus/pci/devices/0000:01:00.0/driver',
            target: '/sys/bus/pci/drivers/vfio-pci',
          },
        ],
        scope: 'runtime',
        undo: [
          {
            kind: 'write-attribute',
            path: '/sys/bus/pci/drivers/vfio-pci/unbind',
            value: '0000:01:00.0',
            why: expect.any(String),
            expect: [
              {
                kind: 'linksTo',
                path: '/sys/bus/pci/devices/0000:01:00.0/driver',
                target: '/sys/bus/pci/drivers/vfio-pci',
              },
              { kind: 'unheld', path: '/dev/vfio/1' },
              { kind: 'unused', path: '/sys/bus/pci/devices/0000:01:00.0', uses: ['virtual-machine'] },
            ],
            verify: [{ kind: 'absent', path: '/sys/bus/pci/devices/0000:01:00.0/driver' }],
            scope: 'runtime',
          },
        ],
      },
    ])
  })

  it('load the driver first when it is not there', async () => {
    const changes = await plan(
      { devices: [DISPLAY, SECOND], drivers: [], extra: AVAILABLE },
      { devices: [DISPLAY.address, SECOND.address] },
    )
    expect(changes[0]).toMatchObject({
      kind: 'load-kernel-module',
      name: 'vfio_pci',
      verify: [{ kind: 'exists', path: '/sys/bus/pci/drivers/vfio-pci' }],
    })
    expect(changes.filter(({ kind }) => kind === 'load-kernel-module')).toHaveLength(1)
  })

  it('clear an override that waits for the driver while the driver is loaded, so that loading it binds nothing', async () => {
    const { driver: _, ...unbound } = DISPLAY
    const waiting = { ...unbound, override: 'vfio-pci' }
    const override = '/sys/bus/pci/devices/0000:01:00.0/driver_override'
    const changes = await plan(
      { devices: [waiting, SECOND], drivers: [], extra: AVAILABLE },
      { devices: [DISPLAY.address] },
    )
    expect(changes).toMatchObject([
      { path: override, from: 'vfio-pci', value: '\n', undo: [{ path: override, value: 'vfio-pci' }] },
      { kind: 'load-kernel-module', name: 'vfio_pci' },
      { path: override, from: '(null)', value: 'vfio-pci', undo: [{ path: override, value: '\n' }] },
      { path: '/sys/bus/pci/drivers/vfio-pci/bind' },
    ])
  })

  it('are none for a device that is on vfio-pci already', async () => {
    expect(
      await plan({ devices: [{ ...DISPLAY, driver: 'vfio-pci' }, SECOND] }, { devices: [DISPLAY.address] }),
    ).toEqual([])
  })

  it('leave a device on its variant driver, unless vfio-pci is asked for by name', async () => {
    const devices = [{ ...DISPLAY, driver: 'mlx5_vfio_pci' }, SECOND]
    expect(await plan({ devices }, { devices: [DISPLAY.address] })).toEqual([])
    const changes = await plan({ devices }, { devices: [DISPLAY.address], driver: 'vfio-pci' })
    expect(paths(changes)).toEqual([
      '/sys/bus/pci/devices/0000:01:00.0/driver_override',
      '/sys/bus/pci/drivers/mlx5_vfio_pci/unbind',
      '/sys/bus/pci/drivers/vfio-pci/bind',
    ])
  })

  it('have no unbind for a device without a driver', async () => {
    const { driver: _, ...unbound } = DISPLAY
    const changes = await plan({ devices: [unbound, SECOND] }, { devices: [DISPLAY.address] })
    expect(paths(changes)).toEqual([
      '/sys/bus/pci/devices/0000:01:00.0/driver_override',
      '/sys/bus/pci/drivers/vfio-pci/bind',
    ])
  })

  it('put the driver override of somebody else back', async () => {
    const changes = await plan(
      { devices: [{ ...DISPLAY, override: 'nouveau' }, SECOND] },
      { devices: [DISPLAY.address] },
    )
    expect(changes[0]).toMatchObject({
      from: 'nouveau',
      undo: [{ value: 'nouveau', verify: [{ kind: 'equals', value: 'nouveau' }] }],
    })
  })

  it('restore an override that named vfio-pci before, although nothing has to be written for it', async () => {
    const changes = await plan(
      { devices: [{ ...DISPLAY, override: 'vfio-pci' }, SECOND] },
      { devices: [DISPLAY.address] },
    )
    expect(paths(changes)).toEqual(['/sys/bus/pci/drivers/nouveau/unbind', '/sys/bus/pci/drivers/vfio-pci/bind'])
    const undo = changes[0]?.undo
    expect(Array.isArray(undo) ? undo.at(-1) : undo).toMatchObject({
      path: '/sys/bus/pci/devices/0000:01:00.0/driver_override',
      value: 'vfio-pci',
    })
  })

  it('bind every function of a group but its bridges, in address order', async () => {
    const port = { address: '0000:00:01.0', class: CLASSES.bridge, driver: 'pcieport', group: '1' }
    const changes = await plan({ devices: [AUDIO, DISPLAY, port, SECOND] }, { group: '1' })
    expect(paths(changes)).toEqual([
      '/sys/bus/pci/devices/0000:01:00.0/driver_override',
      '/sys/bus/pci/drivers/nouveau/unbind',
      '/sys/bus/pci/drivers/vfio-pci/bind',
      '/sys/bus/pci/devices/0000:01:00.1/driver_override',
      '/sys/bus/pci/drivers/snd_hda_intel/unbind',
      '/sys/bus/pci/drivers/vfio-pci/bind',
    ])
  })

  it('bind only the one of two identical devices that was named', async () => {
    const twin = { ...DISPLAY, address: '0000:05:00.0', group: '5' }
    const changes = await plan({ devices: [DISPLAY, twin] }, { devices: [twin.address] })
    expect(JSON.stringify(changes)).not.toContain('0000:01:00.0')
    expect(JSON.stringify(changes)).not.toContain('new_id')
  })

  it('turn virtual functions off before their physical function leaves its driver', async () => {
    const physical = {
      address: '0000:06:00.0',
      driver: 'ixgbe',
      group: '6',
      attributes: {
        sriov_numvfs: '2\n',
        virtfn0: link('../0000:06:10.0'),
        virtfn1: link('../0000:06:10.2'),
        sriov_totalvfs: '8\n',
      },
    }
    const changes = await plan({ devices: [physical] }, { devices: [physical.address], disableVirtualFunctions: true })
    expect(changes[0]).toMatchObject({
      path: '/sys/bus/pci/devices/0000:06:00.0/sriov_numvfs',
      from: '2',
      value: '0',
      irreversible: [{ id: 'virtual-functions' }],
    })
  })

  it('expect no override on a captured host that does not show one, and say so', async () => {
    const devices = [{ ...DISPLAY, override: undefined }, SECOND]
    const changes = await plan({ devices, kind: 'snapshot' }, { devices: [DISPLAY.address] })
    expect(changes[0]).toMatchObject({ from: '(null)', why: expect.stringContaining('captured host') })
  })

  it('are the same however the devices are ordered', async () => {
    const forwards = await plan({ devices: [DISPLAY, AUDIO, SECOND] }, { devices: [DISPLAY.address, AUDIO.address] })
    const backwards = await plan({ devices: [SECOND, AUDIO, DISPLAY] }, { devices: [AUDIO.address, DISPLAY.address] })
    expect(backwards).toEqual(forwards)
  })
})

async function plan(machine: TestMachine, options: Record<string, unknown>): Promise<readonly Change[]> {
  return gpuVfio.apply(contextOn(createMachine(machine), gpuVfioOptions.parse({ allowUse: ALLOWED, ...options })))
}

function paths(changes: readonly Change[]): readonly string[] {
  return changes.map((change) => ('path' in change ? change.path : change.kind))
}
