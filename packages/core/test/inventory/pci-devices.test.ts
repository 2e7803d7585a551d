import { describe, expect, test } from 'vitest'
import type { PciAddress } from '../../src/contract/pci-address.js'
import {
  isIommuInEffect,
  isOffTheBus,
  pciRole,
  readIommuGroups,
  readPciDevice,
  readPciDevices,
} from '../../src/inventory/index.js'
import { locationOf, pciFunction, treeHost } from './support/tree.js'

const at = (address: string) => address as PciAddress

describe('PCI devices', () => {
  test('are read with all that sysfs says of them', async () => {
    const host = treeHost(
      pciFunction('0000:01:00.0', '030000', {
        subsystem_vendor: '0x1028\n',
        subsystem_device: '0x0A01\n',
        revision: '0xa1\n',
        numa_node: '-1\n',
        boot_vga: '1\n',
        modalias: 'pci:v00008086\n',
        driver: { link: '../../../../bus/pci/drivers/i915' },
        iommu_group: { link: '../../../../kernel/iommu_groups/7' },
        sriov_totalvfs: '7\n',
        sriov_numvfs: '2\n',
      }),
    )
    expect(await readPciDevice(host, at('0000:01:00.0'))).toEqual({
      address: '0000:01:00.0',
      path: '/sys/bus/pci/devices/0000:01:00.0',
      vendor: '8086',
      device: '10d3',
      subsystemVendor: '1028',
      subsystemDevice: '0a01',
      class: '030000',
      className: 'VGA display controller',
      revision: 'a1',
      role: 'endpoint',
      isDisplay: true,
      location: locationOf('0000:01:00.0'),
      parent: '0000:00:01.0',
      driver: 'i915',
      iommuGroup: '7',
      numaNode: -1,
      bootDisplay: true,
      virtualFunctions: { enabled: 2, total: 7 },
      modalias: 'pci:v00008086',
    })
  })

  test('are sorted as numbers, with wide domains last', async () => {
    const addresses = ['10000:e1:00.0', '0000:0a:00.0', '0000:02:1f.7', '0001:00:00.0']
    const host = treeHost(Object.assign({}, ...addresses.map((address) => pciFunction(address, '020000'))))
    const found = (await readPciDevices(host)).map(({ address }) => address)
    expect(found).toEqual(['0000:02:1f.7', '0000:0a:00.0', '0001:00:00.0', '10000:e1:00.0'])
  })

  test('that are not there are undefined, and names that are no addresses are passed over', async () => {
    const host = treeHost({
      ...pciFunction('0000:01:00.0', '020000'),
      '/sys/bus/pci/devices/0000:01:00.9/vendor': '0x1\n',
    })
    expect(await readPciDevice(host, at('0000:02:00.0'))).toBeUndefined()
    expect(await readPciDevices(host)).toHaveLength(1)
  })

  test('are told apart by class and by the attributes of a bridge', async () => {
    const host = treeHost({
      ...pciFunction('0000:01:00.0', '058000', { secondary_bus_number: '2\n' }),
      ...pciFunction('0000:02:00.0', '060400'),
    })
    expect((await readPciDevices(host)).map(({ role }) => role)).toEqual(['bridge', 'bridge'])
    expect(['060000', '060100', '0c0500', '010802', '030200'].map((code) => pciRole(code, false))).toEqual([
      'host-bridge',
      'chipset',
      'chipset',
      'endpoint',
      'endpoint',
    ])
  })

  test('that fell off the bus read as all ones', async () => {
    const host = treeHost({
      ...pciFunction('0000:01:00.0', '020000'),
      ...pciFunction('0000:02:00.0', '020000', { config: 'x'.repeat(64) }),
    })
    expect(await isOffTheBus(host, { path: '/sys/bus/pci/devices/0000:01:00.0', vendor: '8086' })).toBeUndefined()
    expect(await isOffTheBus(host, { path: '/sys/bus/pci/devices/0000:02:00.0', vendor: '8086' })).toBe(false)
    expect(await isOffTheBus(host, { path: '/sys/bus/pci/devices/0000:02:00.0', vendor: 'ffff' })).toBe(true)
  })
})

describe('IOMMU groups', () => {
  test('takes no group from a link whose name is no number: it would stand in a command that people paste', async () => {
    for (const name of ['3;touch OBEYED', '$(touch OBEYED)', '-1', '']) {
      const link = { link: `/sys/kernel/iommu_groups/${name}` }
      const host = treeHost(pciFunction('0000:01:00.0', '020000', { iommu_group: link }))
      expect((await readPciDevices(host))[0]).not.toHaveProperty('iommuGroup')
      expect(await readIommuGroups(host)).toEqual([])
    }
  })

  test('are read from both sides, each of which may be missing', async () => {
    const host = treeHost({
      ...pciFunction('0000:01:00.0', '020000', { iommu_group: { link: '/sys/kernel/iommu_groups/12' } }),
      ...pciFunction('0000:02:00.0', '020000'),
      '/sys/kernel/iommu_groups/3/devices/0000:02:00.0': { link: locationOf('0000:02:00.0') },
      '/sys/kernel/iommu_groups/3/type': 'DMA-FQ\n',
    })
    expect(await readIommuGroups(host)).toEqual([
      { id: '3', type: 'DMA-FQ', members: ['0000:02:00.0'] },
      { id: '12', members: ['0000:01:00.0'] },
    ])
  })

  test('tell whether an IOMMU is in effect, or nobody does', async () => {
    const inEffect = (entries: Parameters<typeof treeHost>[0]) => isIommuInEffect(treeHost(entries), [])
    expect(await inEffect({ '/sys/class/iommu/dmar0': { directory: true } })).toBe(true)
    expect(await inEffect({ '/sys/class/iommu': { directory: true } })).toBe(false)
    expect(await inEffect({ '/sys/kernel/iommu_groups': { directory: true } })).toBe(false)
    expect(await inEffect({ '/sys/class/drm': { directory: true } })).toBeUndefined()
  })
})

test('ten thousand devices are read, each attribute once', async () => {
  const { createSnapshotHost } = await import('../../src/host/index.js')
  const entries: Record<string, { text: string } | { link: string }> = {}
  for (let index = 0; index < 10_000; index++) {
    const address = `${(index >> 13).toString(16).padStart(4, '0')}:${((index >> 5) & 0xff).toString(16).padStart(2, '0')}:${(index & 31).toString(16).padStart(2, '0')}.0`
    const location = `/sys/devices/pci0000:00/${address}`
    entries[`/sys/bus/pci/devices/${address}`] = { link: location }
    for (const [name, text] of [
      ['vendor', '0x8086'],
      ['device', '0x10d3'],
      ['class', '0x020000'],
    ] as const) {
      entries[`${location}/${name}`] = { text: `${text}\n` }
    }
  }
  const snapshot = {
    schema: 'janus.snapshot/1',
    capturedAt: '',
    janusVersion: '',
    masked: true,
    entries,
    queries: {},
  } as const
  const host = createSnapshotHost(snapshot)
  const read: string[] = []
  const readText = (path: string) => {
    read.push(path)
    return host.readText(path)
  }
  const counting = { ...host, readText }
  expect(await readPciDevices(counting)).toHaveLength(10_000)
  expect(read.length).toBe(30_000)
  expect(new Set(read).size).toBe(30_000)
})
