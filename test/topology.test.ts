import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openHost, readMemory, readTopology, type Topology } from '@janus/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { missingPackages } from '../lab/missing-packages.js'
import { capturedMachines, hwlocFile, machinesFolder, unpackMachine } from './captured-machines.js'
import { askLstopo, type HwlocTopology, readHwlocTopology } from './hwloc-topology.js'

/**
 * Where hwloc and Janus differ on purpose, by machine, answer and property, each with the evidence. Everything else is the
 * same, on broken tables and with CPUs offline as well.
 */
const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // The answer beside it was made within a cgroup that allowed six CPUs (its allowed_cpuset is 0x3f, proc/self/cpuset names the
  // job), and leaves out the cores of the others. Janus tells the machine. What hwloc shows is compared; with
  // --disallowed its own lstopo shows all of them, and agrees.
  '32amd64-4s2n4c-cgroup2': { 'beside: threads': 'the cgroup of whoever asked allowed six CPUs' },
  // The configuration of the bridge 0000:00:11.0 holds no bus numbers (zeros from byte 0x18 on, though its pci_bus is 0000:03): hwloc
  // drops it as invalid. The kernel lists it, and so does Janus.
  '32em64t-2n8c+dax+nvme+mic+dimms': { 'lstopo: PCI functions': 'hwloc drops a bridge without bus numbers' },
  // The answer beside it was made with HWLOC_PCI_LOCALITY, which tells hwloc what the machine does not: the XML says so itself
  // in its elements <pci_locality>. In the tree numa_node is -1 and local_cpus all CPUs, but for one function. lstopo, which
  // reads local_cpus only, does not see that the numa_node of 0000:43:00.0 is 2.
  '40intel64-2g2n4c+pcilocality': {
    'beside: PCI locality': 'hwloc was told the locality by hand',
    'lstopo: PCI locality': 'hwloc does not read numa_node',
  },
}

const hwloc = { name: 'hwloc-nox', provides: 'lstopo-no-graphics', reason: 'the answer of today to the same tree' }
const hasLstopo = (await missingPackages([hwloc], process.env)).length === 0
const machines = capturedMachines()

if (machines.length === 0) test.skip(`captured machines ($JANUS_MACHINES, ${machinesFolder}) are absent`, () => {})
if (!hasLstopo) test.skip('lstopo (hwloc-nox) is absent', () => {})

describe.each(machines)('$name', (machine) => {
  let folder = ''
  let root = ''
  let ours: Topology
  let memoryKiB: number | undefined

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'janus-topology-'))
    root = await unpackMachine(machine, folder)
    const host = await openHost(root)
    ours = await readTopology(host)
    memoryKiB = (await readMemory(host)).totalKiB
  }, 180_000)

  afterAll(async () => await rm(folder, { recursive: true, force: true }), 180_000)

  const beside = hwlocFile(machine)
  const answers: readonly (readonly [string, () => Promise<HwlocTopology>])[] = [
    ...(beside === undefined ? [] : [['beside', () => readHwlocTopology(beside)] as const]),
    ...(!hasLstopo ? [] : [['lstopo', () => askLstopo(root)] as const]),
  ]

  describe.each(answers)('%s', (name, ask) => {
    let theirs: HwlocTopology
    const differs = (property: string): boolean => DIFFERENCES[machine.name]?.[`${name}: ${property}`] !== undefined
    /** Of our CPUs those that hwloc shows. */
    const shown = (cpus: readonly number[]): readonly number[] => cpus.filter((cpu) => theirs.processors.includes(cpu))

    beforeAll(async () => {
      theirs = await ask()
    }, 180_000)

    test('threads', () => {
      const online = ours.threads.filter((thread) => thread.online).map(({ cpu }) => cpu)
      expect(theirs.processors.length).toBeGreaterThan(0)
      if (differs('threads')) {
        expect(theirs.processors).toEqual([0, 1, 2, 3, 4, 5])
        expect(online).toEqual(expect.arrayContaining([...theirs.processors]))
      } else expect(online).toEqual(theirs.processors)
    })

    test('packages', () => {
      const words = (all: readonly { readonly id?: number; readonly cpus: readonly number[] }[]) =>
        all
          .map(({ id, cpus }) => `${id}: ${shown(cpus)}`)
          .filter((line) => !line.endsWith(': '))
          .sort()
      expect(words(ours.packages)).toEqual(words(theirs.packages))
    })

    test('cores', () => {
      const words = (all: readonly { readonly id?: number; readonly cpus: readonly number[] }[]) =>
        all
          .map(({ id, cpus }) => `${id}: ${shown(cpus)}`)
          .filter((line) => !line.endsWith(': '))
          .sort()
      expect(theirs.cores.length).toBeGreaterThan(0)
      expect(words(ours.cores)).toEqual(words(theirs.cores))
    })

    test('caches', () => {
      // An XML that lstopo wrote with its default filters holds no instruction caches.
      const types = new Set(theirs.caches.map(({ type }) => type))
      const words = (all: readonly { level: number; type: string; sizeKiB?: number; cpus: readonly number[] }[]) =>
        all
          .filter(({ type, cpus }) => types.has(type as 'data') && shown(cpus).length > 0)
          .map(({ level, type, sizeKiB, cpus }) => `L${level} ${type} ${sizeKiB} KiB: ${shown(cpus)}`)
          .sort()
      expect(theirs.caches.length).toBeGreaterThan(0)
      expect(words(ours.caches)).toEqual(words(theirs.caches))
    })

    test('NUMA nodes', () => {
      // Where the kernel shows no nodes, hwloc makes one of all CPUs and of MemTotal; for Janus there is none to bind to.
      const online = ours.threads.filter((thread) => thread.online).map(({ cpu }) => cpu)
      const nodes = ours.nodes.length > 0 ? ours.nodes : [{ id: 0, cpus: online, memoryKiB }]
      const words = (all: readonly { readonly id?: number; readonly cpus: readonly number[] }[]) =>
        all.map(({ id, cpus }) => `${id}: ${shown(cpus)}`).sort()
      // Without a CPU that whoever asked was allowed, a node may be left out or be empty.
      const isAllowed = (line: string): boolean => !differs('threads') || !line.endsWith(': ')
      expect(theirs.nodes.length).toBeGreaterThan(0)
      expect(words(nodes).filter(isAllowed)).toEqual(words(theirs.nodes).filter(isAllowed))
      for (const { id, memory } of theirs.nodes) {
        const own = nodes.find((node) => node.id === id)?.memoryKiB
        if (memory === undefined || memory.kibibytes === 0) expect(own ?? 0).toBe(0)
        else expect(Math.round((own ?? 0) / memory.unitKiB)).toBeCloseTo(memory.kibibytes / memory.unitKiB, 0)
      }
    })

    test('distances between nodes', () => {
      // The console output holds none, and a machine of one node has none.
      if (theirs.distances === undefined) return
      const { nodes, rows } = theirs.distances
      const among = nodes.map((id) => ours.nodes.findIndex((node) => node.id === id))
      const own = among.map((row) => among.map((column) => ours.nodes[row]?.distances?.[column]))
      expect(own).toEqual(rows)
    })

    test('kinds of cores', () => {
      if (theirs.kinds === undefined) return
      expect(ours.kinds.map(({ cpus }) => cpus)).toEqual([...theirs.kinds].reverse())
    })

    test('PCI locality', () => {
      const all = ours.nodes.map(({ id }) => id)
      const places = new Map(
        ours.devices.map(({ address, node }) => [address as string, node === undefined ? all : [node]]),
      )
      const left = differs('PCI functions') ? ['0000:00:11.0'] : []
      const told = theirs.functions.map(({ address }) => address)
      if (name === 'lstopo') expect([...told, ...left].sort()).toEqual([...places.keys()].sort())
      for (const { address, nodes } of theirs.functions) {
        const own = places.get(address)
        if (!differs('PCI locality')) expect(own, address).toEqual(nodes)
        else if (address === '0000:43:00.0') expect(own).toEqual([2])
        else expect(own, address).toEqual(all)
      }
    })
  })
})
