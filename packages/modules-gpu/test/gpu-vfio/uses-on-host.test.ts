import { isJanusError, type Query } from '@janus/core'
import { link } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import type { Refusal } from '../../src/gpu-vfio/refusal.js'
import { gpuVfio, gpuVfioOptions } from '../../src/index.js'
import { CLASSES, contextOn, createMachine, quietQuery, type TestMachine } from '../fixture/machine.js'

const NVME = { address: '0000:02:00.0', class: CLASSES.nvme, driver: 'nvme', group: '2' }
const DISK = `/sys/devices/pci0000:00/${NVME.address}/nvme/nvme0/nvme0n1`
const NIC = { address: '0000:03:00.0', driver: 'e1000e', group: '3' }
const DISPLAY = { address: '0000:04:00.0', class: CLASSES.display, driver: 'bochs-drm', group: '4' }
const OTHER = { ...DISPLAY, address: '0000:05:00.0', group: '5' }
const DISK_TREE = {
  [`${DISK}/dev`]: '259:0\n',
  [`${DISK}/subsystem`]: link('/sys/class/block'),
  '/sys/class/block/nvme0n1': link(DISK),
}
const ROUTES =
  'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\neth0\t00000000\t0202000A\t0003\t0\t0\t100\t00000000\t0\t0\t0\n'

describe('a device that the host uses is refused', () => {
  it('an NVMe drive with a mounted file system (case 17)', async () => {
    const extra = {
      ...DISK_TREE,
      '/proc/self/mountinfo': '30 1 259:0 / /data rw,relatime shared:1 - ext4 /dev/nvme0n1 rw\n',
    }
    await expectRefused({ devices: [NVME], extra }, NVME.address, 'mount', 'mounted-file-systems')
  })

  it('an NVMe drive with swap on it (case 17)', async () => {
    const extra = {
      ...DISK_TREE,
      '/proc/swaps': 'Filename\tType\tSize\tUsed\tPriority\n/dev/nvme0n1 partition 1024 0 -2\n',
      '/dev/nvme0n1': '',
    }
    await expectRefused({ devices: [NVME], extra }, NVME.address, 'swap', 'swap')
  })

  it('the network card of the default route (case 19)', async () => {
    const location = `/sys/devices/pci0000:00/${NIC.address}/net/eth0`
    const extra = { [`${location}/ifindex`]: '2\n', '/sys/class/net/eth0': link(location), '/proc/net/route': ROUTES }
    await expectRefused({ devices: [NIC], extra }, NIC.address, 'default-route', 'network-addresses')
  })

  it('the display that the firmware started on (case 21)', async () => {
    const display = { ...DISPLAY, attributes: { boot_vga: '1\n' } }
    await expectRefused({ devices: [display, OTHER] }, DISPLAY.address, 'boot-display', 'boot-console')
  })

  it('the only display (case 21)', async () => {
    await expectRefused({ devices: [DISPLAY] }, DISPLAY.address, 'only-display', 'display-session')
  })

  it('a display that a program holds open (case 22)', async () => {
    const card = `/sys/devices/pci0000:00/${DISPLAY.address}/drm/card0`
    const extra = {
      [`${card}/dev`]: '226:0\n',
      [`${card}/subsystem`]: link('/sys/class/drm'),
      '/sys/dev/char/226:0': link(card),
    }
    const query = (async (name: string, input: { devices: readonly string[] }) =>
      name === 'descriptor-holders' && input.devices.includes('226:0')
        ? {
            available: true,
            complete: true,
            holders: [{ pid: 812, name: 'Xorg', device: '226:0', path: '/dev/dri/card0' }],
          }
        : quietQuery('identity', {})) as unknown as Query
    await expectRefused({ devices: [DISPLAY, OTHER], extra }, DISPLAY.address, 'descriptor', 'open-descriptors', query)
  })

  it('not at all when nothing uses it', async () => {
    const changes = await gpuVfio.apply(
      contextOn(createMachine({ devices: [NIC] }), gpuVfioOptions.parse({ devices: [NIC.address] })),
    )
    expect(changes.flatMap(({ irreversible = [] }) => irreversible)).toEqual([])
  })
})

/** Refused without a word from a human; planned with it, and then the plan says what is lost. */
async function expectRefused(
  machine: TestMachine,
  address: string,
  kind: string,
  loss: string,
  query?: Query,
): Promise<void> {
  const context = (options: object) =>
    contextOn(createMachine(machine), gpuVfioOptions.parse({ devices: [address], ...options }), query)
  const error = await gpuVfio.apply(context({})).catch((cause: unknown) => cause)
  if (!isJanusError(error)) throw new Error(`${address} was not refused: ${JSON.stringify(error)}`)
  const refusals = error.data.refusals as readonly Refusal[]
  expect(refusals).toMatchObject([{ reason: `in-use-${kind}`, device: address, option: `allowUse: ["${kind}"]` }])
  const changes = await gpuVfio.apply(context({ allowUse: [kind] }))
  expect(changes.flatMap(({ irreversible = [] }) => irreversible.map(({ id }) => id))).toEqual([loss])
}
