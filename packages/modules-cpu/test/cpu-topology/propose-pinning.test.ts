import { describe, expect, it } from 'vitest'
import { type PinningWish, pinningProposalSchema, proposePinning } from '../../src/index.js'
import { DEVICE, type MachineShape, machine } from './machine.js'

const GIBI = 1024 * 1024
const propose = (shape: MachineShape, wish: PinningWish) => proposePinning(machine(shape), wish)
const cpusOf = ({ vcpus }: ReturnType<typeof proposePinning>) => vcpus.map(({ cpu }) => cpu)
const cpusOfAll = ({ cores }: ReturnType<typeof machine>) => cores.flatMap(({ cpus }) => cpus)
const FAR = { vcpus: 4, device: DEVICE }

/** How many vCPUs are on each node. */
function perNode({ vcpus }: ReturnType<typeof proposePinning>): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { node } of vcpus) counts[`${node}`] = (counts[`${node}`] ?? 0) + 1
  return counts
}

describe('a pinning', () => {
  it('is described by its schema', () => {
    const proposal = propose({ nodes: 2, device: 1 }, { vcpus: 4, device: DEVICE, memoryKiB: GIBI })
    expect(pinningProposalSchema.parse(proposal)).toEqual(proposal)
  })

  it('puts the threads of a core beside each other and shows the guest the same shape', () => {
    const proposal = propose({}, { vcpus: 4 })
    expect(cpusOf(proposal)).toEqual([1, 5, 2, 6])
    expect(proposal.vcpus.map(({ core }) => core)).toEqual([0, 0, 1, 1])
    expect(proposal.guest).toEqual({ sockets: 1, cores: 2, threads: 2 })
  })

  it('leaves the core of CPU 0 to the host, and the emulator on it', () => {
    const proposal = propose({}, { vcpus: 6 })
    expect(cpusOf(proposal)).toEqual([1, 5, 2, 6, 3, 7])
    expect(proposal).toMatchObject({ reserved: [0, 4], host: [0, 4], emulator: [0, 4], io: [0, 4] })
  })

  it('goes to the node of the device, with memory of that node and an emulator on it', () => {
    const proposal = propose({ nodes: 4, device: 2 }, { vcpus: 4, device: DEVICE })
    expect(new Set(proposal.vcpus.map(({ node }) => node))).toEqual(new Set([2]))
    expect(proposal.memory).toEqual({ nodes: [2], binding: 'strict' })
    expect(machine({ nodes: 4 }).nodes[2]?.cpus).toEqual(expect.arrayContaining(proposal.emulator))
    expect(proposal.compromises).toEqual([])
  })

  it('goes to the nearest node that holds it where that of the device does not, and says so', () => {
    const proposal = propose({ nodes: 4, device: 0 }, { vcpus: 8, device: DEVICE })
    expect(new Set(proposal.vcpus.map(({ node }) => node))).toEqual(new Set([1]))
    expect(proposal.compromises).toContain(`node 1 is not the node of ${DEVICE}, which is node 0, at a distance of 21`)
    expect(proposal.refused[0]).toEqual({ alternative: 'node 0', because: 'it has room for 6 vCPUs, 8 are asked for' })
  })

  it('spans nodes only where none alone holds it, and says so', () => {
    const proposal = propose({ nodes: 2, device: 1 }, { vcpus: 12, device: DEVICE })
    expect(new Set(proposal.vcpus.map(({ node }) => node))).toEqual(new Set([0, 1]))
    expect(proposal.compromises.join()).toMatch(/several nodes/)
    expect(proposal.memory.nodes.toSorted()).toEqual([0, 1])
  })

  it('takes the node of the device whole before any other, then the nearest, and says how many vCPUs are with it', () => {
    const proposal = propose({ nodes: 4, cores: 8, device: 3 }, { vcpus: 24, device: DEVICE })
    expect(perNode(proposal)).toEqual({ 2: 8, 3: 16 })
    expect(proposal.memory).toEqual({ nodes: [3, 2], binding: 'strict' })
    expect(proposal.compromises).toContain(`only 16 of the 24 vCPUs are on the node of ${DEVICE}, which is node 3`)
  })

  it('takes all last-level caches of the node of the device before one of another', () => {
    const proposal = propose({ nodes: 4, caches: 4, cores: 2, device: 3 }, { vcpus: 24, device: DEVICE })
    expect(perNode(proposal)).toEqual({ 2: 8, 3: 16 })
  })

  it('gives the greater part to the node of the device also where another has more room', () => {
    const proposal = propose({ nodes: 2, cores: 14, device: 0 }, { vcpus: 32, device: DEVICE })
    expect(perNode(proposal)).toEqual({ 0: 26, 1: 6 })
  })

  it('counts one last-level cache once that two nodes share', () => {
    const topology = machine({ nodes: 2, device: 1 })
    const [cache] = topology.caches
    const shared = { ...topology, caches: cache === undefined ? [] : [{ ...cache, cpus: cpusOfAll(topology) }] }
    const proposal = proposePinning(shared, { vcpus: 12, device: DEVICE })
    expect(perNode(proposal)).toEqual({ 0: 4, 1: 8 })
    expect(proposal.why.find(({ choice }) => choice === 'cache')?.because).toMatch(/^all share one L3/)
  })

  it('says that no vCPU is on the node of the device where that has no processors, and takes the nearest', () => {
    const proposal = propose({ nodes: 3, device: 2, offline: [8, 9, 10, 11, 20, 21, 22, 23] }, FAR)
    expect(perNode(proposal)).toEqual({ 1: 4 })
    const both = propose({ nodes: 3, device: 2, offline: [8, 9, 10, 11, 20, 21, 22, 23] }, { ...FAR, vcpus: 12 })
    expect(perNode(both)).toEqual({ 0: 4, 1: 8 })
    expect(both.compromises).toContain(`none of the 12 vCPUs is on the node of ${DEVICE}, which is node 2`)
  })

  it('uses CPUs that belong to no node last', () => {
    const topology = machine({ nodes: 3, device: 0 })
    const cores = topology.cores.map(({ node, ...core }) =>
      node === undefined || node === 1 ? core : { ...core, node },
    )
    const proposal = proposePinning({ ...topology, cores }, { vcpus: 8, device: DEVICE })
    expect(perNode(proposal)).toEqual({ 2: 8 })
  })

  it('stays within one last-level cache: the smallest that holds it', () => {
    const proposal = propose({ caches: 3, cores: 4 }, { vcpus: 6 })
    // The cache of CPU 0 has three cores left, which is just enough: the others stay whole.
    expect(cpusOf(proposal)).toEqual([1, 13, 2, 14, 3, 15])
    expect(cpusOf(propose({ caches: 3, cores: 4 }, { vcpus: 8 }))).toEqual([4, 16, 5, 17, 6, 18, 7, 19])
  })

  it('uses as few last-level caches as it can where none holds it', () => {
    const proposal = propose({ caches: 3, cores: 4 }, { vcpus: 14 })
    expect(new Set(cpusOf(proposal).map((cpu) => Math.floor((cpu % 12) / 4))).size).toBe(2)
    expect(proposal.compromises).toEqual(['the vCPUs are spread over 2 L3 caches'])
  })

  it('leaves the node of CPU 0 to the host where no device says otherwise', () => {
    expect(propose({ nodes: 2 }, { vcpus: 4 }).vcpus[0]?.node).toBe(1)
  })

  it('says that nobody knows where the device is', () => {
    const proposal = propose({ nodes: 2, device: null }, { vcpus: 4, device: DEVICE })
    expect(proposal.compromises).toEqual([`the node of ${DEVICE} is not known: its memory may be far`])
  })
})

describe('on a hybrid processor', () => {
  const hybrid = { cores: 6, efficiency: 8 }

  it('performance cores are used, and efficiency cores kept for the host', () => {
    const proposal = propose(hybrid, { vcpus: 8, reserve: 3 })
    expect(new Set(proposal.vcpus.map(({ kind }) => kind))).toEqual(new Set(['performance']))
    expect(proposal.reserved).toEqual([0, 6, 12, 13])
    expect(proposal.compromises).toEqual([])
  })

  it('efficiency cores alone come before a mixture', () => {
    const proposal = propose({ cores: 3, efficiency: 8 }, { vcpus: 8 })
    expect(new Set(proposal.vcpus.map(({ kind }) => kind))).toEqual(new Set(['efficiency']))
    expect(proposal.compromises.join()).toMatch(/performance cores have no room/)
  })

  it('kinds are mixed only where none alone has room, and it is said', () => {
    const proposal = propose(hybrid, { vcpus: 14 })
    expect(new Set(proposal.vcpus.map(({ kind }) => kind))).toEqual(new Set(['performance', 'efficiency']))
    expect(proposal.compromises.join()).toMatch(/are mixed/)
    expect(proposal.guest).toEqual({ sockets: 1, cores: 14, threads: 1 })
  })
})

describe('threads', () => {
  it('one of each core leaves its siblings idle', () => {
    const proposal = propose({}, { vcpus: 3, threadsPerCore: 'one' })
    expect(cpusOf(proposal)).toEqual([1, 2, 3])
    expect(proposal).toMatchObject({ idle: [5, 6, 7], host: [0, 4], guest: { cores: 3, threads: 1 } })
  })

  it('an odd number uses one core in part, leaves its sibling idle, and says so', () => {
    const proposal = propose({}, { vcpus: 3 })
    expect(cpusOf(proposal)).toEqual([1, 5, 2])
    expect(proposal).toMatchObject({ idle: [6], guest: { sockets: 1, cores: 3, threads: 1 } })
    expect(proposal.compromises.join()).toMatch(/used in part/)
  })

  it('a core whose sibling is offline makes up an odd number without splitting one', () => {
    const proposal = propose({ offline: [6] }, { vcpus: 3 })
    expect(proposal.idle).toEqual([])
    expect(cpusOf(proposal)).toEqual([1, 5, 2])
  })
})

describe('memory', () => {
  it('a node without enough is passed over', () => {
    const topology = machine({ nodes: 2, device: 1 })
    const nodes = topology.nodes.map((node) => (node.id === 1 ? { ...node, memoryKiB: GIBI } : node))
    const proposal = proposePinning({ ...topology, nodes }, { vcpus: 4, device: DEVICE, memoryKiB: 4 * GIBI })
    expect(proposal.vcpus[0]?.node).toBe(0)
    expect(proposal.refused[0]).toEqual({
      alternative: 'node 1',
      because: 'it has 1 GiB of memory, 4 GiB are asked for',
    })
  })

  it('comes from further nodes, nearest first, where no node has enough', () => {
    const proposal = propose({ nodes: 3, device: 1 }, { vcpus: 4, device: DEVICE, memoryKiB: 30 * GIBI })
    expect(proposal.memory.nodes).toEqual([1, 0])
    expect(proposal.compromises.join()).toMatch(/memory is on another node/)
  })

  it('comes from the nearest node that has any where that of the cores has none', () => {
    const topology = machine({ nodes: 3, device: 2 })
    const nodes = topology.nodes.map((node) => (node.id === 2 ? { ...node, memoryKiB: 0 } : node))
    expect(proposePinning({ ...topology, nodes }, { vcpus: 4, device: DEVICE }).memory.nodes).toEqual([1])
  })

  it('is not bound where the tables contradict each other', () => {
    const problems = [{ id: 'numa-overlap' as const, summary: 'nodes overlap', evidence: [] }]
    const proposal = proposePinning({ ...machine({ nodes: 2 }), problems }, { vcpus: 4 })
    expect(proposal.memory).toEqual({ nodes: [], binding: 'none' })
    expect(proposal.compromises.join()).toMatch(/memory is not bound/)
  })
})

describe('what cannot be', () => {
  it.each<[string, MachineShape, PinningWish, string]>([
    ['too many vCPUs', {}, { vcpus: 7 }, 'JANUS_HOST_UNFIT'],
    ['all cores kept for the host', {}, { vcpus: 1, reserve: 4 }, 'JANUS_HOST_UNFIT'],
    ['more memory than there is', { nodes: 2 }, { vcpus: 1, memoryKiB: 33 * GIBI }, 'JANUS_HOST_UNFIT'],
    ['a device that is not there', {}, { vcpus: 1, device: DEVICE }, 'JANUS_DEVICE_NOT_FOUND'],
    ['a host that shows no processors', { cores: 0, nodes: 0 }, { vcpus: 1 }, 'JANUS_HOST_UNREADABLE'],
  ])('%s', (_, shape, wish, code) => {
    expect(() => propose(shape, wish)).toThrow(expect.objectContaining({ code }))
  })
})
