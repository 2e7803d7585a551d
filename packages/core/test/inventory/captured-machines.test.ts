import { afterAll, describe, expect, test } from 'vitest'
import { captureSnapshot, createLiveHost, createQuery, createSnapshotHost } from '../../src/host/index.js'
import {
  readCpu,
  readHugepages,
  readInventory,
  readKernelModules,
  readMemory,
  readTopology,
} from '../../src/inventory/index.js'
import { extractMachines, hasCapturedMachines, MACHINES_ABSENT, machineNames } from './support/captured-machines.js'

describe.skipIf(!hasCapturedMachines)(`captured machines${MACHINES_ABSENT}`, () => {
  const machines = extractMachines()
  const cache = new Map<string, string>()
  afterAll(() => machines.remove(), 180_000)

  function open(archive: string) {
    const root = cache.get(archive) ?? machines.rootOf(archive)
    cache.set(archive, root)
    const host = createLiveHost({ root })
    return { host, query: createQuery(host, { env: {} }) }
  }

  test.each(machineNames())('%s is read, and its snapshot gives the same', async (archive) => {
    const { host, query } = open(archive)
    const inventory = await readInventory(host, query)
    const cpu = await readCpu(host)
    expect((await readMemory(host)).totalKiB ?? cpu.online?.length).toBeGreaterThan(0)
    expect((await readKernelModules(host)).state('kvm')).toBe('unknown')
    const snapshot = await captureSnapshot(host, query, { mask: false, now: new Date(0), janusVersion: '0.1.0' })
    const captured = createSnapshotHost(snapshot, host.description)
    const again = await readInventory(captured, createQuery(captured, { env: {} }))
    // A tree and a snapshot give different reasons why nobody can be asked.
    const plain = ({ devices, ...rest }: typeof inventory) => ({
      ...rest,
      devices: devices.map(({ uses, ...device }) => ({
        ...device,
        uses: uses.filter(({ kind }) => kind !== 'descriptor'),
      })),
    })
    expect(plain(again)).toEqual(plain(inventory))
    expect(await readCpu(captured)).toEqual({ ...cpu })
    expect(await readHugepages(captured)).toEqual(await readHugepages(host))
    expect(await readTopology(captured)).toEqual(await readTopology(host))
  })

  test('the i7-1270P has 23 devices in 15 groups, and its disk is mounted', async () => {
    const { host, query } = open('ghw-intel-i7-1270p.tar.gz')
    const { devices, groups, iommu } = await readInventory(host, query)
    expect(devices).toHaveLength(23)
    expect(devices.every(({ iommuGroup }) => iommuGroup !== undefined)).toBe(true)
    expect([groups.length, iommu]).toEqual([15, true])
    const nvme = devices.find(({ address }) => address === '0000:04:00.0')
    expect(nvme).toMatchObject({ driver: 'nvme', vendor: '144d', parent: '0000:00:06.0' })
    expect(nvme?.uses.map(({ kind, chain }) => [kind, chain.at(-1)])).toEqual(
      expect.arrayContaining([['mount', '/boot']]),
    )
    expect((await readCpu(host)).virtualization).toBe('vmx')
  })

  test('the Ryzen 1600 has 43 devices and shows no IOMMU', async () => {
    const { host, query } = open('ghw-amd-ryzen-1600.tar.gz')
    const { devices, groups, iommu } = await readInventory(host, query)
    expect([devices.length, groups.length, iommu]).toEqual([43, 0, undefined])
    expect((await readCpu(host)).virtualization).toBe('svm')
  })

  test('hugepages of several sizes are read', async () => {
    const { host } = open('2i386-2t-hugepagesizecount.tar.bz2')
    expect((await readHugepages(host)).length).toBeGreaterThan(1)
  })
})
