import type { PciAddress, PciLocality, Topology } from '@janus/core'
import { beforeAll, describe, expect, test } from 'vitest'
import { type ReportData, renderReport } from '../src/index.js'
import { LAB, reportOf } from './lab-report.js'
import { sectionOf, textOf } from './page-text.js'

/** One core with two threads: what a machine has at least. */
const SMALL: Topology = {
  threads: [
    { cpu: 0, online: true, core: 0 },
    { cpu: 1, online: true, core: 0 },
  ],
  cores: [{ id: 0, package: 0, node: 0, kind: 0, cpus: [0, 1] }],
  packages: [{ id: 0, dies: [], cpus: [0, 1] }],
  kinds: [{ name: 'uniform', cpus: [0, 1] }],
  caches: [],
  nodes: [{ id: 0, cpus: [0, 1], memoryKiB: 4 * 1024 * 1024 }],
  devices: [],
  problems: [],
}

let lab: ReportData

beforeAll(async () => {
  lab = await reportOf(LAB)
})

describe('processors and memory', () => {
  test('are counted in a sentence, each with its noun', () => {
    expect(textOf(drawn())).toContain('1 package, 1 memory node, 1 core, 2 threads.')
  })

  test('have a frame for each core with the numbers of its CPUs, in the node and the package that it belongs to', () => {
    const cores = [
      { id: 0, package: 0, node: 0, kind: 0, cpus: [0, 1] },
      { id: 0, package: 1, node: 1, kind: 0, cpus: [2, 3] },
    ]
    const packages = [
      { id: 0, dies: [], cpus: [0, 1] },
      { id: 1, dies: [], cpus: [2, 3] },
    ]
    const nodes = [
      { id: 0, cpus: [0, 1], memoryKiB: 512 * 1024 },
      { id: 1, cpus: [2, 3] },
    ]
    const html = drawn({ cores, packages, nodes })
    expect(html).toContain('<li class="core uniform"><span>2</span><span>3</span></li>')
    expect(textOf(html)).toContain('Package 0 1 core\nMemory node 0 · 512 MiB\n01\nPackage 1 1 core\nMemory node 1\n23')
    expect(textOf(html)).toContain('Node 1\n2-3\nnot shown\nnone')
  })

  test('of a machine that shows no nodes say so, and have no table of them', () => {
    const { node: _, ...core } = SMALL.cores[0] ?? { package: 0, kind: 0, cpus: [0, 1] }
    const text = textOf(drawn({ nodes: [], cores: [core] }))
    expect(text).toContain('0 memory nodes')
    expect(text).toContain('Memory nodes are not shown\n01')
    expect(text).not.toContain('PCI functions near')
  })

  test('have a core that the tables place nowhere after the others', () => {
    const cores = [{ package: 0, kind: 0, cpus: [2] }, ...SMALL.cores]
    expect(textOf(drawn({ cores }))).toContain('Memory node 0 · 4 GiB\n01\nIn no memory node\n2\n')
  })

  test('name what is offline, and how SMT stands', () => {
    const threads = [...SMALL.threads, { cpu: 2, online: false }, { cpu: 3, online: false }, { cpu: 5, online: false }]
    expect(textOf(drawn({ threads, smtControl: 'off' }))).toContain('2 threads. SMT: off. Offline: 2-3,5.')
    expect(textOf(drawn())).not.toMatch(/SMT|Offline/)
  })

  test('of a hybrid processor tell its kinds by CPUs and by frames', () => {
    const kinds = [
      { name: 'performance', cpus: [0, 1] },
      { name: 'efficiency', cpus: [2, 3] },
    ] as const
    const cores = [
      ...SMALL.cores,
      { package: 0, node: 0, kind: 1, cpus: [2] },
      { package: 0, node: 0, kind: 1, cpus: [3] },
    ]
    const html = drawn({ kinds, cores })
    expect(textOf(html)).toContain('performance: CPUs 0-1; efficiency: CPUs 2-3.')
    expect(textOf(html)).toContain('Frames: performance cores solid, efficiency cores dashed.')
    expect(html).toContain('<li class="core performance"><span>0</span><span>1</span></li>')
    expect(html).toContain('<li class="core efficiency"><span>2</span></li>')
    const three = [kinds[0], { name: 'medium', cpus: [4] }, kinds[1]] as const
    expect(textOf(drawn({ kinds: three }))).toContain('performance cores solid, medium cores double, efficiency')
  })

  test('show what cannot be in the tables, with the path that says it', () => {
    const summary = 'CPU 1 is in two nodes'
    const evidence = [{ path: '/sys/devices/system/node/node1/cpulist', value: '0-1' }]
    const text = textOf(drawn({ problems: [{ id: 'numa-overlap', summary, evidence }] }))
    expect(text).toContain('What cannot be in the tables of this machine\nCPU 1 is in two nodes\nEvidence: 1 path')
    expect(text).toContain('/sys/devices/system/node/node1/cpulist\n0-1')
  })
})

describe('the functions near a memory node', () => {
  test('stand in its row, and those of which nobody says where they are in a row of their own', () => {
    const text = textOf(drawn({ devices: [near(1, 0), near(2, undefined)] }))
    expect(text).toContain('Node 0\n0-1\n4 GiB\n0000:01:00.0 \nNot known\n0000:02:00.0')
  })

  test('are folded where they are many', () => {
    const numbers = (count: number) => Array.from({ length: count }, (_, index) => near(index + 1, 0))
    expect(drawn({ devices: numbers(8) })).not.toContain('<details>')
    expect(drawn({ devices: numbers(9) })).toContain('<details><summary>9 functions</summary>')
  })
})

describe('distances', () => {
  const nodes = [
    { id: 0, cpus: [0, 1], distances: [10, 21] },
    { id: 2, cpus: [], distances: [21, 10] },
  ]

  test('have a row and a column for each node, by its number', () => {
    const text = textOf(drawn({ nodes }))
    expect(text).toContain('Node\nto 0\nto 2\nfrom 0\n10\n21\nfrom 2\n21\n10')
  })

  test('are left out where the table is missing, and with one node', () => {
    expect(drawn({ nodes: nodes.map(({ id, cpus }) => ({ id, cpus })) })).not.toContain('Distances')
    expect(drawn({ nodes: nodes.slice(0, 1) })).not.toContain('Distances')
  })
})

describe('caches', () => {
  test('are gathered by level, type and size, with the CPUs that share each', () => {
    const caches = [
      { level: 1, type: 'data', sizeKiB: 48, cpus: [0, 1] },
      { level: 1, type: 'data', sizeKiB: 32, cpus: [2] },
      { level: 1, type: 'data', sizeKiB: 32, cpus: [3] },
      { level: 3, type: 'unified', cpus: [0, 1, 2, 3] },
    ] as const
    const text = textOf(drawn({ caches }))
    expect(text).toContain('L1 data\n48 KiB\n1\n0-1')
    expect(text).toContain('L1 data\n32 KiB\n2\n2 3')
    expect(text).toContain('L3 unified\nnot shown\n1\n0-3')
  })

  test('are folded where they are many, and left out where none is shown', () => {
    const many = Array.from(
      { length: 9 },
      (_, cpu) => ({ level: 2, type: 'unified', sizeKiB: 1280, cpus: [cpu] }) as const,
    )
    const html = drawn({ caches: many })
    expect(html).toContain('<details><summary>9 caches</summary>')
    expect(textOf(html)).toContain('L2 unified\n1.3 MiB\n9')
    expect(drawn()).not.toContain('Caches')
  })
})

function near(bus: number, node: number | undefined): PciLocality {
  const address = `0000:${bus.toString(16).padStart(2, '0')}:00.0` as PciAddress
  const said = { address, cpus: [0, 1], evidence: `/sys/bus/pci/devices/${address}/numa_node` }
  return node === undefined ? { ...said, source: 'unknown' } : { ...said, source: 'device', node }
}

/** The section on processors and memory of a machine that is like the small one but for this. */
function drawn(change: Partial<Topology> = {}): string {
  return sectionOf(renderReport({ ...lab, topology: { ...SMALL, ...change } }), 'topology')
}
