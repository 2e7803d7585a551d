import { describe, expect, test } from 'vitest'
import { locationOf, pciFunction, type TreeEntry, treeHost } from '../support/tree.js'
import { inShort, queryWith, usesIn } from './support.js'

const GPU = '0000:01:00.0'
const OTHER = '0000:02:00.0'
const USB = '0000:03:00.0'

function connector(address: string, name: string, enabled: string): Record<string, TreeEntry> {
  const path = `${locationOf(address)}/drm/card0/${name}`
  return {
    [`/sys/class/drm/${name}`]: { link: path },
    [`${path}/status`]: 'connected\n',
    [`${path}/enabled`]: `${enabled}\n`,
  }
}

describe('a display', () => {
  test('that is the only one, or the one the machine started on, is in use', async () => {
    const only = await usesIn(treeHost(pciFunction(GPU, '030000', { boot_vga: '1\n' })))
    expect(inShort(only[GPU])).toEqual([`boot-display blocking ${GPU}`, `only-display blocking ${GPU}`])
    const two = await usesIn(
      treeHost({ ...pciFunction(GPU, '030000', { boot_vga: '0\n' }), ...pciFunction(OTHER, '030000') }),
    )
    expect(two[GPU]).toEqual([])
  })

  test('that only renders is nobody’s only display', async () => {
    expect((await usesIn(treeHost(pciFunction(GPU, '030200'))))[GPU]).toEqual([])
  })

  test('that shows a picture is in use, one with a dark monitor is worth a notice', async () => {
    const two = { ...pciFunction(GPU, '030000'), ...pciFunction(OTHER, '030000') }
    const shown = await usesIn(treeHost({ ...two, ...connector(GPU, 'card0-HDMI-A-1', 'enabled') }))
    expect(inShort(shown[GPU])).toEqual([`display blocking ${GPU}>card0-HDMI-A-1`])
    expect(shown[OTHER]).toEqual([])
    const dark = await usesIn(treeHost({ ...two, ...connector(GPU, 'card0-HDMI-A-1', 'disabled') }))
    expect(inShort(dark[GPU])).toEqual([`display notice ${GPU}>card0-HDMI-A-1`])
  })
})

describe('a USB controller', () => {
  const LETTERS = '3f000303ff00 0 0 0 e080ffdf01cfffff fffffffffffffffe\n'
  const input = (number: number, parent: string, keys: string): Record<string, TreeEntry> => ({
    [`/sys/class/input/input${number}`]: { link: `${parent}/input/input${number}` },
    [`${parent}/input/input${number}/name`]: `Keyboard ${number}\n`,
    [`${parent}/input/input${number}/capabilities/key`]: keys,
  })
  const behind = `${locationOf(USB)}/usb1/1-1/1-1:1.0`

  test('with the last keyboard is in use', async () => {
    const host = treeHost({
      ...pciFunction(USB, '0c0330'),
      ...input(1, behind, LETTERS),
      ...input(2, '/sys/devices/LNXSYSTM:00/LNXPWRBN:00', '10000000000000 0\n'),
      ...input(3, '/sys/devices/virtual', LETTERS),
    })
    expect(inShort((await usesIn(host))[USB])).toEqual(['last-keyboard blocking Keyboard 1'])
  })

  test('is not needed where another keyboard stays', async () => {
    const host = treeHost({
      ...pciFunction(USB, '0c0330'),
      ...input(1, behind, LETTERS),
      ...input(2, '/sys/devices/platform/i8042/serio0', LETTERS),
    })
    expect((await usesIn(host))[USB]).toEqual([])
  })
})

test('a physical function with virtual ones is in use', async () => {
  const uses = await usesIn(
    treeHost(pciFunction(OTHER, '020000', { sriov_totalvfs: '4\n', virtfn0: { link: '/x' }, virtfn1: { link: '/y' } })),
  )
  expect(uses[OTHER]).toEqual([
    {
      kind: 'virtual-functions',
      severity: 'blocking',
      summary: '2 virtual functions are enabled',
      chain: [OTHER],
      evidence: `/sys/bus/pci/devices/${OTHER}/sriov_numvfs`,
    },
  ])
})

describe('a device that a process holds open', () => {
  const holder = (device: string, path: string) => ({ pid: 42, name: 'Xorg', device, path })
  const nodes = { ...pciFunction(GPU, '030200'), '/sys/dev/char/226:0': { link: `${locationOf(GPU)}/drm/card0` } }

  test('is in use, by the number of the node whatever its path', async () => {
    const uses = await usesIn(
      treeHost(nodes),
      queryWith([holder('226:0', '/srv/container/dev/card'), holder('226:1', '/dev/dri/card1')]),
    )
    expect(uses[GPU]).toEqual([
      {
        kind: 'descriptor',
        severity: 'blocking',
        summary: 'Xorg (process 42) holds /srv/container/dev/card open',
        chain: ['card0', 'Xorg (42)'],
        evidence: '/proc/42/fd',
      },
    ])
  })

  test('of the NVIDIA driver is found by what the driver says', async () => {
    const host = treeHost({
      ...pciFunction(GPU, '030200'),
      [`/proc/driver/nvidia/gpus/${GPU}/information`]: 'Model: X\nDevice Minor: \t 3\n',
    })
    expect(inShort((await usesIn(host, queryWith([holder('195:3', '/dev/nvidia3')])))[GPU])).toEqual([
      'descriptor blocking nvidia3>Xorg (42)',
    ])
  })

  test('by its VFIO group belongs to a virtual machine, and its sibling on a host driver does not', async () => {
    const vfio = { link: '/sys/bus/pci/drivers/vfio-pci' }
    const group = { link: '/sys/kernel/iommu_groups/9' }
    const host = treeHost({
      ...pciFunction(GPU, '020000', { driver: vfio, iommu_group: group }),
      ...pciFunction(OTHER, '040300', { driver: { link: '/sys/bus/pci/drivers/pcieport' }, iommu_group: group }),
      '/sys/class/vfio/9/dev': '243:0\n',
    })
    const uses = await usesIn(
      host,
      queryWith([{ pid: 7, name: 'qemu-system-x86', device: '243:0', path: '/dev/vfio/9' }]),
    )
    expect(inShort(uses[GPU])).toEqual(['virtual-machine blocking vfio/9>qemu-system-x86 (7)'])
    expect(uses[OTHER]).toEqual([])
  })

  test('may be held by somebody who cannot be seen, which is said', async () => {
    const partly = await usesIn(treeHost(nodes), queryWith([], false))
    expect(inShort(partly[GPU])).toEqual(['descriptor notice card0'])
    const nobody = await usesIn(treeHost(nodes), async () => ({ available: false, reason: 'captured' }))
    expect(nobody[GPU]?.[0]?.summary).toContain('captured')
  })

  test('as an input device is worth a notice only', async () => {
    const host = treeHost({
      ...pciFunction(USB, '0c0330'),
      '/sys/dev/char/13:64': { link: `${locationOf(USB)}/usb1/input/input1/event0` },
    })
    expect(inShort((await usesIn(host, queryWith([holder('13:64', '/dev/input/event0')])))[USB])).toEqual([
      'descriptor notice event0>Xorg (42)',
    ])
  })
})
