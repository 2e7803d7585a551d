import { describe, expect, test } from 'vitest'
import { readTopology } from '../../../src/inventory/index.js'
import { type TreeEntry, treeHost } from '../support/tree.js'

const CPU = '/sys/devices/system/cpu'
const NODE = '/sys/devices/system/node'

/** A core with these threads. */
function core(threads: string, id: number, packageId = 0, more: Readonly<Record<string, string>> = {}) {
  const entries: Record<string, TreeEntry> = {}
  for (const cpu of threads.split(',')) {
    entries[`${CPU}/cpu${cpu}/topology/core_id`] = `${id}\n`
    entries[`${CPU}/cpu${cpu}/topology/physical_package_id`] = `${packageId}\n`
    entries[`${CPU}/cpu${cpu}/topology/thread_siblings_list`] = `${threads}\n`
    for (const [name, text] of Object.entries(more)) entries[`${CPU}/cpu${cpu}/${name}`] = `${text}\n`
  }
  return entries
}

function node(id: number, cpus: string, distance: string, kilobytes = 1024): Record<string, TreeEntry> {
  return {
    [`${NODE}/node${id}/cpulist`]: `${cpus}\n`,
    [`${NODE}/node${id}/distance`]: `${distance}\n`,
    [`${NODE}/node${id}/meminfo`]: `Node ${id} MemTotal:       ${kilobytes} kB\nNode ${id} MemFree: 1 kB\n`,
  }
}

function device(path: string, attributes: Readonly<Record<string, string>>): Record<string, TreeEntry> {
  const address = path.split('/').at(-1) ?? ''
  const entries: Record<string, TreeEntry> = {
    [`/sys/bus/pci/devices/${address}`]: { link: `/sys/devices/${path}` },
    [`/sys/devices/${path}`]: { directory: true },
  }
  for (const [name, text] of Object.entries(attributes)) entries[`/sys/devices/${path}/${name}`] = `${text}\n`
  return entries
}

const twoNodes = {
  [`${CPU}/online`]: '0-3\n',
  ...core('0,2', 0),
  ...core('1,3', 0, 1),
  ...node(0, '0,2', '10 21'),
  ...node(1, '1,3', '21 10', 4096),
}

describe('cores and threads', () => {
  test('threads of a core are siblings, in the package that the kernel names', async () => {
    const { cores, packages, threads } = await readTopology(treeHost(twoNodes))
    expect(cores).toEqual([
      { id: 0, package: 0, node: 0, kind: 0, cpus: [0, 2] },
      { id: 0, package: 1, node: 1, kind: 0, cpus: [1, 3] },
    ])
    expect(packages).toEqual([
      { id: 0, dies: [], cpus: [0, 2] },
      { id: 1, dies: [], cpus: [1, 3] },
    ])
    expect(threads.map(({ cpu, core }) => [cpu, core])).toEqual([
      [0, 0],
      [1, 1],
      [2, 0],
      [3, 1],
    ])
  })

  test('an offline thread is there, without a core, and its sibling is a core of one thread', async () => {
    const { cores, threads } = await readTopology(treeHost({ ...twoNodes, [`${CPU}/online`]: '0-2\n' }))
    expect(cores.map(({ cpus }) => cpus)).toEqual([[0, 2], [1]])
    expect(threads[3]).toEqual({ cpu: 3, online: false })
  })

  test('a kernel without lists says it by masks, and by the attribute of each CPU', async () => {
    const { cores, threads } = await readTopology(
      treeHost({
        [`${CPU}/cpu0/topology/thread_siblings`]: '00000000,00000005\n',
        [`${CPU}/cpu2/topology/thread_siblings`]: '00000000,00000005\n',
        [`${CPU}/cpu1/online`]: '0\n',
        [`${CPU}/cpu2/online`]: '1\n',
      }),
    )
    expect(cores.map(({ cpus }) => cpus)).toEqual([[0, 2]])
    expect(threads.filter(({ online }) => !online)).toEqual([{ cpu: 1, online: false }])
  })

  test('without sysfs /proc/cpuinfo tells the cores', async () => {
    const block = (cpu: number, core: number) => `processor\t: ${cpu}\nphysical id\t: 0\ncore id\t\t: ${core}\n`
    const { cores } = await readTopology(
      treeHost({ '/proc/cpuinfo': [block(0, 0), block(1, 4), block(2, 0), 'processor\t: 3\n'].join('\n') }),
    )
    expect(cores.map(({ id, cpus }) => [id, cpus])).toEqual([
      [0, [0, 2]],
      [4, [1]],
      [undefined, [3]],
    ])
  })

  test('a cluster that the kernel does not know is none', async () => {
    const { cores } = await readTopology(
      treeHost({
        [`${CPU}/online`]: '0-1\n',
        ...core('0', 0, 0, { 'topology/cluster_id': '65535', 'topology/die_id': '1' }),
        ...core('1', 1, 0, { 'topology/cluster_id': '8', 'topology/die_id': '-1' }),
      }),
    )
    expect(cores).toMatchObject([{ die: 1 }, { cluster: 8 }])
    expect(cores[0]).not.toHaveProperty('cluster')
    expect(cores[1]).not.toHaveProperty('die')
  })

  test('a host that shows nothing has nothing', async () => {
    expect(await readTopology(treeHost({}))).toMatchObject({ threads: [], cores: [], nodes: [], problems: [] })
  })

  test('a hostile sibling list takes no thread of another core and none that is offline', async () => {
    const { cores } = await readTopology(
      treeHost({
        [`${CPU}/online`]: '0-2\n',
        ...core('0,1', 0),
        [`${CPU}/cpu2/topology/thread_siblings_list`]: '0-2,999\n',
      }),
    )
    expect(cores.map(({ cpus }) => cpus)).toEqual([[0, 1], [2]])
  })
})

describe('kinds of cores', () => {
  const hybrid = (attribute: string, values: readonly [string, string, string]) =>
    treeHost({
      [`${CPU}/online`]: '0-3\n',
      ...core('0,1', 0, 0, { [attribute]: values[0] }),
      ...core('2', 1, 0, { [attribute]: values[1] }),
      ...core('3', 2, 0, { [attribute]: values[2] }),
    })
  const namesAndCpus = async (host: ReturnType<typeof treeHost>) =>
    (await readTopology(host)).kinds.map(({ name, cpus }) => `${name} ${cpus.join(',')}`)

  test.each([
    ['cpu_capacity', ['1024', '446', '446']],
    ['cpufreq/cpuinfo_max_freq', ['5000000', '3900000', '3900000']],
    ['acpi_cppc/highest_perf', ['64', '39', '39']],
  ] as const)('%s tells them apart', async (attribute, values) => {
    expect(await namesAndCpus(hybrid(attribute, values))).toEqual(['performance 0,1', 'efficiency 2,3'])
  })

  test('three kinds are told apart', async () => {
    const host = hybrid('cpu_capacity', ['1024', '760', '250'])
    expect(await namesAndCpus(host)).toEqual(['performance 0,1', 'medium 2', 'efficiency 3'])
  })

  test('favoured cores are no kind of their own', async () => {
    expect(await namesAndCpus(hybrid('cpufreq/cpuinfo_max_freq', ['5800000', '5600000', '5600000']))).toEqual([
      'uniform 0,1,2,3',
    ])
    expect(await namesAndCpus(hybrid('acpi_cppc/highest_perf', ['231', '206', '181']))).toEqual(['uniform 0,1,2,3'])
  })

  test('the monitoring units of Intel come first', async () => {
    const host = treeHost({
      [`${CPU}/online`]: '0-2\n',
      ...core('0,1', 0),
      ...core('2', 1),
      '/sys/devices/cpu_core/cpus': '0-1\n',
      '/sys/devices/cpu_atom/cpus': '2\n',
    })
    expect((await readTopology(host)).kinds).toEqual([
      { name: 'performance', cpus: [0, 1], evidence: '/sys/devices/cpu_core/cpus' },
      { name: 'efficiency', cpus: [2], evidence: '/sys/devices/cpu_core/cpus' },
    ])
  })

  test('an attribute that only some CPUs have tells nothing', async () => {
    const host = treeHost({ [`${CPU}/online`]: '0-1\n', ...core('0', 0, 0, { cpu_capacity: '1024' }), ...core('1', 1) })
    expect(await namesAndCpus(host)).toEqual(['uniform 0,1'])
  })
})

describe('caches', () => {
  test('each cache is told once, with all that share it', async () => {
    const cache = (cpu: number, index: number, level: number, type: string, shared: string) => ({
      [`${CPU}/cpu${cpu}/cache/index${index}/level`]: `${level}\n`,
      [`${CPU}/cpu${cpu}/cache/index${index}/type`]: `${type}\n`,
      [`${CPU}/cpu${cpu}/cache/index${index}/size`]: '32K\n',
      [`${CPU}/cpu${cpu}/cache/index${index}/shared_cpu_list`]: `${shared}\n`,
    })
    const { caches } = await readTopology(
      treeHost({
        ...twoNodes,
        ...cache(0, 0, 1, 'Data', '0,2'),
        ...cache(1, 0, 1, 'Data', '1,3'),
        ...cache(0, 1, 3, 'Unified', '0-3,77'),
        ...cache(1, 1, 3, 'Unified', '0-3,77'),
        ...cache(0, 2, 1, 'Trace', '0'),
      }),
    )
    expect(caches).toEqual([
      { level: 1, type: 'data', sizeKiB: 32, cpus: [0, 2] },
      { level: 1, type: 'data', sizeKiB: 32, cpus: [1, 3] },
      { level: 3, type: 'unified', sizeKiB: 32, cpus: [0, 1, 2, 3] },
    ])
  })
})

describe('NUMA nodes', () => {
  test('have memory, CPUs and distances', async () => {
    const { nodes, problems } = await readTopology(treeHost(twoNodes))
    expect(nodes).toEqual([
      { id: 0, cpus: [0, 2], memoryKiB: 1024, distances: [10, 21] },
      { id: 1, cpus: [1, 3], memoryKiB: 4096, distances: [21, 10] },
    ])
    expect(problems).toEqual([])
  })

  test('a node of memory alone is a node without CPUs', async () => {
    const host = treeHost({
      ...twoNodes,
      ...node(0, '0,2', '10 21 17'),
      ...node(1, '1,3', '21 10 28'),
      ...node(4, '', '17 28 10'),
    })
    const { nodes, problems } = await readTopology(host)
    expect(nodes[2]).toEqual({ id: 4, cpus: [], memoryKiB: 1024, distances: [17, 28, 10] })
    expect(problems).toEqual([])
  })

  test('of nodes that claim the same CPUs the first is kept', async () => {
    const { nodes, problems } = await readTopology(treeHost({ ...twoNodes, ...node(1, '0-3', '21 10') }))
    expect(nodes.map(({ id }) => id)).toEqual([0])
    expect(problems).toMatchObject([
      { id: 'numa-overlap', evidence: [{ path: `${NODE}/node0/cpulist` }, { path: `${NODE}/node1/cpulist` }] },
    ])
  })

  test.each([
    ['all alike', '10 10', '10 10'],
    ['too short', '10', '21 10'],
    ['nearer to others', '21 10', '10 21'],
    ['no numbers', 'ten', '21 10'],
  ])('distances that are %s are not believed', async (_, first, second) => {
    const { nodes, problems } = await readTopology(
      treeHost({ ...twoNodes, ...node(0, '0,2', first), ...node(1, '1,3', second) }),
    )
    expect(nodes.every(({ distances }) => distances === undefined)).toBe(true)
    expect(problems).toMatchObject([{ id: 'numa-distances' }])
  })

  test('a CPU of no node, and a core of two, are told', async () => {
    const uncovered = await readTopology(treeHost({ ...twoNodes, ...node(1, '1', '21 10') }))
    expect(uncovered.problems.map(({ id }) => id)).toEqual(['numa-uncovered', 'core-across-nodes'])
  })
})

describe('PCI locality', () => {
  const place = async (entries: Readonly<Record<string, TreeEntry>>, address: string) =>
    (await readTopology(treeHost({ ...twoNodes, ...entries }))).devices.find((one) => one.address === address)

  test('is what the function says itself', async () => {
    const told = await place(device('pci0000:00/0000:00:01.0', { numa_node: '1' }), '0000:00:01.0')
    expect(told).toMatchObject({ node: 1, cpus: [1, 3], source: 'device' })
  })

  test('is the list of CPUs where that is not the whole machine', async () => {
    const near = await place(
      device('pci0000:00/0000:00:01.0', { numa_node: '-1', local_cpulist: '1,3' }),
      '0000:00:01.0',
    )
    expect(near).toMatchObject({ node: 1, cpus: [1, 3], source: 'device' })
    const both = await place(
      device('pci0000:00/0000:00:01.0', { numa_node: '-1', local_cpulist: '0-1' }),
      '0000:00:01.0',
    )
    expect(both).toMatchObject({ cpus: [0, 1], source: 'device' })
    expect(both).not.toHaveProperty('node')
  })

  test('falls back to the bridge above', async () => {
    const told = await place(
      {
        ...device('pci0000:00/0000:00:01.0', { numa_node: '1' }),
        ...device('pci0000:00/0000:00:01.0/0000:01:00.0', { numa_node: '-1', local_cpulist: '0-3' }),
      },
      '0000:01:00.0',
    )
    expect(told).toMatchObject({
      node: 1,
      source: 'bridge',
      evidence: '/sys/devices/pci0000:00/0000:00:01.0/numa_node',
    })
  })

  test('falls back to the root bus, also behind a controller of volumes', async () => {
    const told = await place(
      {
        ...device('pci0000:00/0000:00:0e.0/pci10000:e0/10000:e0:06.0', { numa_node: '-1' }),
        '/sys/devices/pci0000:00/pci_bus/0000:00/cpulistaffinity': '1,3\n',
      },
      '10000:e0:06.0',
    )
    expect(told).toMatchObject({ node: 1, source: 'root-bus' })
  })

  test('is unknown where nobody says, and where the node does not exist', async () => {
    const told = await place(
      device('pci0000:00/0000:00:01.0', { numa_node: '7', local_cpulist: '0-3' }),
      '0000:00:01.0',
    )
    expect(told).toMatchObject({ cpus: [0, 1, 2, 3], source: 'unknown' })
  })
})
