import type { Snapshot, SnapshotEntry } from '../packages/core/src/contract/snapshot.js'

/** How big a host is. */
export interface HostSize {
  readonly cpus: number
  readonly nodes: number
  /** PCI functions. */
  readonly functions: number
}

/** A big host of today: two threads a core, eight cores a cache, one package for every four nodes, a root bus for every node. */
export const BIG_HOST: HostSize = { cpus: 512, nodes: 16, functions: 2_000 }

const CPU = '/sys/devices/system/cpu'
const NODE = '/sys/devices/system/node'
const CORES_OF_A_CACHE = 8
const NODES_OF_A_PACKAGE = 4
const NODE_KIB = 64 * 1024 * 1024
const DEVICES_OF_A_BUS = 32

type Entries = Record<string, SnapshotEntry>

/**
 * A snapshot of a host on which every module has something to do: an IOMMU with a group for each function, hugepages of
 * both sizes on every node, frequency policies, interrupts, control groups.
 */
export function syntheticHost(size: HostSize = BIG_HOST): Snapshot {
  const entries: Entries = { ...machineEntries(size) }
  for (let cpu = 0; cpu < size.cpus; cpu++) Object.assign(entries, cpuEntries(size, cpu))
  for (let node = 0; node < size.nodes; node++) Object.assign(entries, nodeEntries(size, node))
  for (let index = 0; index < size.functions; index++) Object.assign(entries, functionEntries(size, index))
  return {
    schema: 'janus.snapshot/1',
    capturedAt: '2026-01-01T00:00:00.000Z',
    janusVersion: '0.1.0',
    masked: true,
    entries,
    queries: {},
  }
}

/** Address of a function of {@link syntheticHost}. */
export function addressOf(size: HostSize, index: number): string {
  const node = index % size.nodes
  const place = Math.floor(index / size.nodes)
  const bus = node * Math.floor(256 / size.nodes) + Math.floor(place / DEVICES_OF_A_BUS)
  return `0000:${hex(bus, 2)}:${hex(place % DEVICES_OF_A_BUS, 2)}.0`
}

function machineEntries({ cpus, nodes, functions }: HostSize): Entries {
  const all = `0-${cpus - 1}\n`
  const groups = ['cpuset', 'cpu', 'io', 'memory', 'pids'].join(' ')
  return {
    '/proc/cpuinfo': { text: 'processor\t: 0\nvendor_id\t: AuthenticAMD\nflags\t\t: fpu svm\n' },
    '/proc/meminfo': {
      text: `MemTotal:       ${nodes * NODE_KIB} kB\nMemAvailable:   ${nodes * NODE_KIB} kB\nHugePages_Total:       0\nHugepagesize:       2048 kB\n`,
    },
    '/proc/cmdline': { text: 'BOOT_IMAGE=/vmlinuz amd_iommu=on\n' },
    '/proc/modules': {
      text: 'kvm_amd 323584 0 - Live 0x0\nkvm 323584 1 kvm_amd, Live 0x0\nvfio_pci 32358 0 - Live 0x0\nigb 323584 0 - Live 0x0\n',
    },
    '/proc/1/comm': { text: 'init\n' },
    '/proc/irq/default_smp_affinity': { text: `${maskOf(cpus)}\n` },
    '/sys/class/iommu/ivhd0': { link: '/sys/devices/virtual/iommu/ivhd0' },
    '/sys/bus/pci/drivers/vfio-pci/module': { link: '/sys/module/vfio_pci' },
    '/sys/module/vfio_pci/drivers': { names: ['pci:vfio-pci'] },
    [`${CPU}/online`]: { text: all },
    [`${CPU}/present`]: { text: all },
    [`${CPU}/possible`]: { text: all },
    [`${CPU}/isolated`]: { text: '\n' },
    [`${CPU}/smt/control`]: { text: 'on\n' },
    [`${CPU}/smt/active`]: { text: '1\n' },
    [`${NODE}/online`]: { text: `0-${nodes - 1}\n` },
    '/sys/fs/cgroup/cgroup.controllers': { text: `${groups}\n` },
    '/sys/fs/cgroup/cgroup.subtree_control': { text: `${groups}\n` },
    '/sys/fs/cgroup/cpuset.cpus.effective': { text: all },
    '/sys/fs/cgroup/cpuset.cpus.isolated': { text: '\n' },
    '/sys/kernel/mm/transparent_hugepage/enabled': { text: '[always] madvise never\n' },
    ...Object.fromEntries(
      Array.from({ length: functions }, (_, index) => irqEntries(cpus, index + 16)).flatMap(Object.entries),
    ),
  }
}

function irqEntries(cpus: number, irq: number): Entries {
  return {
    [`/proc/irq/${irq}/smp_affinity_list`]: { text: `0-${cpus - 1}\n` },
    [`/proc/irq/${irq}/effective_affinity_list`]: { text: `${irq % cpus}\n` },
    [`/sys/kernel/irq/${irq}/actions`]: { text: `eth${irq}\n` },
  }
}

function cpuEntries(size: HostSize, cpu: number): Entries {
  const cores = size.cpus / 2
  const core = cpu % cores
  const node = Math.floor(core / (cores / size.nodes))
  const cache = Math.floor(core / CORES_OF_A_CACHE) * CORES_OF_A_CACHE
  const own = `${core},${core + cores}\n`
  const shared = `${cache}-${cache + CORES_OF_A_CACHE - 1},${cache + cores}-${cache + cores + CORES_OF_A_CACHE - 1}\n`
  const at = `${CPU}/cpu${cpu}`
  const policy = `${CPU}/cpufreq/policy${cpu}`
  const caches = [
    { level: 1, type: 'Data', size: '32K', cpus: own },
    { level: 1, type: 'Instruction', size: '32K', cpus: own },
    { level: 2, type: 'Unified', size: '1024K', cpus: own },
    { level: 3, type: 'Unified', size: '32768K', cpus: shared },
  ].flatMap(({ level, type, size: bytes, cpus }, index) => [
    [`${at}/cache/index${index}/level`, { text: `${level}\n` }] as const,
    [`${at}/cache/index${index}/type`, { text: `${type}\n` }] as const,
    [`${at}/cache/index${index}/size`, { text: `${bytes}\n` }] as const,
    [`${at}/cache/index${index}/shared_cpu_list`, { text: cpus }] as const,
  ])
  return {
    [`${at}/online`]: { text: '1\n' },
    [`${at}/topology/core_id`]: { text: `${core}\n` },
    [`${at}/topology/die_id`]: { text: '0\n' },
    [`${at}/topology/physical_package_id`]: { text: `${Math.floor(node / NODES_OF_A_PACKAGE)}\n` },
    [`${at}/topology/thread_siblings_list`]: { text: own },
    [`${at}/topology/core_cpus_list`]: { text: own },
    ...Object.fromEntries(caches),
    [`${at}/cpufreq/cpuinfo_max_freq`]: { text: '3700000\n' },
    [`${policy}/affected_cpus`]: { text: `${cpu}\n` },
    [`${policy}/related_cpus`]: { text: `${cpu}\n` },
    [`${policy}/scaling_driver`]: { text: 'acpi-cpufreq\n' },
    [`${policy}/scaling_governor`]: { text: 'schedutil\n' },
    [`${policy}/scaling_available_governors`]: { text: 'schedutil performance powersave \n' },
    [`${policy}/scaling_setspeed`]: { text: '<unsupported>\n' },
  }
}

function nodeEntries({ cpus, nodes }: HostSize, node: number): Entries {
  const cores = cpus / 2
  const own = cores / nodes
  const first = node * own
  const at = `${NODE}/node${node}`
  const distances = Array.from({ length: nodes }, (_, other) => {
    if (other === node) return 10
    return Math.floor(other / NODES_OF_A_PACKAGE) === Math.floor(node / NODES_OF_A_PACKAGE) ? 12 : 32
  })
  const pages = [2_048, 1_048_576].flatMap((kibibytes) =>
    ['nr_hugepages', 'free_hugepages', 'surplus_hugepages'].map(
      (name) => [`${at}/hugepages/hugepages-${kibibytes}kB/${name}`, { text: '0\n' }] as const,
    ),
  )
  return {
    [`${at}/cpulist`]: { text: `${first}-${first + own - 1},${first + cores}-${first + cores + own - 1}\n` },
    [`${at}/distance`]: { text: `${distances.join(' ')}\n` },
    [`${at}/meminfo`]: {
      text: `Node ${node} MemTotal:       ${NODE_KIB} kB\nNode ${node} MemFree:        ${NODE_KIB - 1_048_576} kB\nNode ${node} FilePages:      0 kB\n`,
    },
    ...Object.fromEntries(pages),
  }
}

function functionEntries(size: HostSize, index: number): Entries {
  const address = addressOf(size, index)
  const node = index % size.nodes
  const root = `0000:${hex(node * Math.floor(256 / size.nodes), 2)}`
  const at = `/sys/devices/pci${root}/${address}`
  const group = `/sys/kernel/iommu_groups/${index}`
  const attributes: Readonly<Record<string, string>> = {
    vendor: '0x8086',
    device: '0x1521',
    class: '0x020000',
    revision: '0x01',
    subsystem_vendor: '0x8086',
    subsystem_device: '0x0001',
    driver_override: '(null)',
    numa_node: String(node),
    local_cpulist: '0',
    enable: '1',
    modalias: 'pci:v00008086d00001521sv00008086sd00000001bc02sc00i00',
  }
  return {
    ...Object.fromEntries(Object.entries(attributes).map(([name, text]) => [`${at}/${name}`, { text: `${text}\n` }])),
    [`${at}/driver`]: { link: '/sys/bus/pci/drivers/igb' },
    [`${at}/iommu_group`]: { link: group },
    [`${group}/devices/${address}`]: { link: at },
    [`${group}/type`]: { text: 'DMA-FQ\n' },
    [`/sys/bus/pci/devices/${address}`]: { link: at },
    [`/sys/bus/pci/drivers/igb/${address}`]: { link: at },
    '/sys/bus/pci/drivers/igb/module': { link: '/sys/module/igb' },
  }
}

function maskOf(cpus: number): string {
  return Array.from({ length: cpus / 32 }, () => 'ffffffff').join(',')
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}
