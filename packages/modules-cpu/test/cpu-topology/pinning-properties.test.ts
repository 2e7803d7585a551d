import { isJanusError } from '@janus/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawTopology } from '../../src/cpu-topology/draw-topology.js'
import { type PinningWish, pinningProposalSchema, proposePinning } from '../../src/index.js'
import { DEVICE, type MachineShape, machine } from './machine.js'

const shapes = fc.record({
  nodes: fc.integer({ min: 1, max: 4 }),
  caches: fc.integer({ min: 1, max: 3 }),
  cores: fc.integer({ min: 1, max: 5 }),
  threads: fc.constantFrom(1, 2, 4),
  efficiency: fc.constantFrom(0, 0, 2, 4),
  offline: fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 12 }),
  device: fc.constantFrom(0, 1, 2, 3, null),
})
const wishes = fc.record({
  vcpus: fc.integer({ min: 1, max: 24 }),
  device: fc.constantFrom(DEVICE, undefined),
  memoryKiB: fc.option(fc.integer({ min: 1, max: 80 * 1024 * 1024 }), { nil: undefined }),
  threadsPerCore: fc.constantFrom<'all' | 'one'>('all', 'one'),
  reserve: fc.integer({ min: 1, max: 4 }),
})

/** Runs a property on every proposal there is; what cannot be is refused with a code, which is one. */
function always(property: (shape: MachineShape, wish: PinningWish) => void): void {
  fc.assert(
    fc.property(shapes, wishes, (shape, wish) => {
      try {
        property(shape, wish)
      } catch (error) {
        if (!isJanusError(error) || error.code === 'JANUS_INTERNAL') throw error
        expect(['JANUS_HOST_UNFIT', 'JANUS_HOST_UNREADABLE']).toContain(error.code)
      }
    }),
    { numRuns: 400 },
  )
}

describe('every proposal, whatever the machine and the wish', () => {
  it('gives each vCPU one CPU that is online, and no CPU two roles', () => {
    always((shape, wish) => {
      const topology = machine(shape)
      const { vcpus, idle, host } = proposePinning(topology, wish)
      const used = [...vcpus.map(({ cpu }) => cpu), ...idle, ...host]
      expect(vcpus).toHaveLength(wish.vcpus)
      expect(vcpus.map(({ vcpu }) => vcpu)).toEqual(vcpus.map((_, index) => index))
      expect(used.toSorted((a, b) => a - b)).toEqual(
        topology.cores.flatMap(({ cpus }) => cpus).toSorted((a, b) => a - b),
      )
    })
  })

  it('keeps as many whole cores for the host as asked, that of the first CPU among them, and serves it from the host', () => {
    always((shape, wish) => {
      const topology = machine(shape)
      const { reserved, host, emulator, io } = proposePinning(topology, wish)
      const kept = topology.cores.filter(({ cpus }) => cpus.every((cpu) => reserved.includes(cpu)))
      expect(kept).toHaveLength(wish.reserve ?? 1)
      expect(reserved).toContain(topology.cores.flatMap(({ cpus }) => cpus).toSorted((a, b) => a - b)[0])
      expect(host).toEqual(expect.arrayContaining([...reserved, ...emulator, ...io]))
      expect(emulator.length).toBeGreaterThan(0)
    })
  })

  it('splits one core at most, and none where whole cores of those it may use add up', () => {
    always((shape, wish) => {
      if (wish.threadsPerCore === 'one') return
      const topology = machine(shape)
      const { vcpus, idle } = proposePinning(topology, wish)
      const used = new Set(vcpus.map(({ cpu }) => cpu))
      const split = topology.cores.filter(
        ({ cpus }) => cpus.some((cpu) => used.has(cpu)) && !cpus.every((cpu) => used.has(cpu)),
      )
      expect(split.length).toBeLessThanOrEqual(1)
      if (split.length === 0) expect(idle).toEqual([])
      const [core] = split
      if (core === undefined) return
      // A whole core of the same cache with just the missing number of threads would have been taken instead.
      const missing = core.cpus.filter((cpu) => used.has(cpu)).length
      const free = topology.cores.filter(({ cpus, node, kind }) => {
        const cache = topology.caches.find((one) => one.cpus.includes(core.cpus[0] ?? -1))
        return (
          node === core.node && kind === core.kind && cpus.every((cpu) => !used.has(cpu) && cache?.cpus.includes(cpu))
        )
      })
      const { reserved } = proposePinning(topology, wish)
      expect(free.filter(({ cpus }) => cpus.length === missing && !reserved.includes(cpus[0] ?? -1))).toEqual([])
    })
  })

  it('mixes kinds of cores, spans nodes and caches only where it says so', () => {
    always((shape, wish) => {
      const topology = machine(shape)
      const { vcpus, compromises } = proposePinning(topology, wish)
      const said = compromises.join('\n')
      if (new Set(vcpus.map(({ kind }) => kind)).size > 1) expect(said).toMatch(/mixed/)
      if (new Set(vcpus.map(({ node }) => node)).size > 1) expect(said).toMatch(/several nodes/)
      const caches = topology.caches.filter(({ cpus }) => vcpus.some(({ cpu }) => cpus.includes(cpu)))
      if (caches.length > 1) expect(said).toMatch(/L3 caches/)
    })
  })

  it('puts as many vCPUs on the node of the device as its kinds of cores have room for, where no other node holds all', () => {
    always((shape, wish) => {
      const topology = machine(shape)
      const { vcpus, reserved } = proposePinning(topology, wish)
      const [device] = topology.devices
      if (wish.device === undefined || device?.node === undefined) return
      const kinds = topology.kinds.filter(({ name }) => vcpus.some(({ kind }) => kind === name))
      const own = topology.cores.filter(
        ({ node, cpus: [lead = -1] }) =>
          node === device.node && !reserved.includes(lead) && kinds.some(({ cpus }) => cpus.includes(lead)),
      )
      const room = own.reduce((sum, { cpus }) => sum + (wish.threadsPerCore === 'one' ? 1 : cpus.length), 0)
      const here = vcpus.filter(({ node }) => node === device.node).length
      if (new Set(vcpus.map(({ node }) => node)).size > 1) expect(here).toBe(Math.min(room, wish.vcpus))
      else if (wish.memoryKiB === undefined && room >= wish.vcpus) expect(here).toBe(wish.vcpus)
    })
  })

  it('binds memory to nodes that have as much, and is described by its schema', () => {
    always((shape, wish) => {
      const topology = machine(shape)
      const proposal = proposePinning(topology, wish)
      const memory = topology.nodes.filter(({ id }) => proposal.memory.nodes.includes(id))
      const sum = memory.reduce((total, { memoryKiB = 0 }) => total + memoryKiB, 0)
      expect(sum).toBeGreaterThanOrEqual(wish.memoryKiB ?? 1)
      expect(pinningProposalSchema.parse(JSON.parse(JSON.stringify(proposal)))).toEqual(proposal)
    })
  })

  it('is the same again, and is drawn in lines of at most 96 columns', () => {
    always((shape, wish) => {
      const topology = machine(shape)
      const proposal = proposePinning(topology, wish)
      expect(proposePinning(machine(shape), wish)).toEqual(proposal)
      for (const line of drawTopology(topology, proposal).split('\n')) expect(line.length).toBeLessThanOrEqual(96)
    })
  })
})
