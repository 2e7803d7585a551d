import { expect, test } from 'vitest'
import { readCpu, readHugepages, readKernelCommandLine, readMemory } from '../../src/inventory/index.js'
import { treeHost } from './support/tree.js'

test('a processor is known by its vendor and flags, whole words only', async () => {
  const cpu = await readCpu(
    treeHost({
      '/proc/cpuinfo':
        'processor\t: 0\nvendor_id\t: AuthenticAMD\nmodel name\t: AMD X\nflags\t\t: fpu svm_lock vmxx svm\n\nprocessor\t: 1\n',
    }),
  )
  expect(cpu).toMatchObject({ vendor: 'AuthenticAMD', model: 'AMD X', virtualization: 'svm', online: [0, 1] })
  const other = await readCpu(
    treeHost({ '/proc/cpuinfo': 'vendor_id\t: GenuineIntel\nflags\t\t: fpu svm_lock vmxx\n' }),
  )
  expect(other.virtualization).toBeUndefined()
})

test('processors that are online come from sysfs where it says so', async () => {
  const cpu = await readCpu(
    treeHost({ '/sys/devices/system/cpu/online': '0-1,4\n', '/sys/devices/system/node/online': '0\n' }),
  )
  expect(cpu).toMatchObject({ online: [0, 1, 4], nodes: [0], vendor: undefined, virtualization: undefined })
  expect((await readCpu(treeHost({}))).online).toBeUndefined()
})

const pool = (directory: string, size: number, total: number, free: number) => ({
  [`${directory}/hugepages-${size}kB/nr_hugepages`]: `${total}\n`,
  [`${directory}/hugepages-${size}kB/free_hugepages`]: `${free}\n`,
  [`${directory}/hugepages-${size}kB/surplus_hugepages`]: '0\n',
})

test('hugepages are read per node and size', async () => {
  const nodes = '/sys/devices/system/node'
  const host = treeHost({
    ...pool(`${nodes}/node10/hugepages`, 2048, 4, 4),
    ...pool(`${nodes}/node2/hugepages`, 1048576, 1, 0),
    ...pool(`${nodes}/node2/hugepages`, 2048, 8, 3),
    ...pool('/sys/kernel/mm/hugepages', 2048, 12, 7),
  })
  expect((await readHugepages(host)).map(({ node, sizeKiB, total, free }) => [node, sizeKiB, total, free])).toEqual([
    [2, 2048, 8, 3],
    [2, 1048576, 1, 0],
    [10, 2048, 4, 4],
  ])
})

test('hugepages are those of the machine where there are no nodes', async () => {
  const [only] = await readHugepages(treeHost(pool('/sys/kernel/mm/hugepages', 2048, 12, 7)))
  expect(only).toEqual({
    node: undefined,
    sizeKiB: 2048,
    total: 12,
    free: 7,
    surplus: 0,
    path: '/sys/kernel/mm/hugepages/hugepages-2048kB',
  })
})

test('memory is read in KiB, and what is not shown is undefined', async () => {
  const memory = await readMemory(
    treeHost({
      '/proc/meminfo': 'MemTotal:       32778000 kB\nHugePages_Total:       4\nHugepagesize:       2048 kB\n',
    }),
  )
  expect(memory).toEqual({
    totalKiB: 32778000,
    availableKiB: undefined,
    swapTotalKiB: undefined,
    hugepageSizeKiB: 2048,
    hugepagesTotal: 4,
    hugepagesFree: undefined,
  })
})

test('the kernel command line is undefined where it is not shown', async () => {
  expect(await readKernelCommandLine(treeHost({ '/proc/cmdline': 'quiet splash\n' }))).toBe('quiet splash')
  expect(await readKernelCommandLine(treeHost({}))).toBeUndefined()
})
