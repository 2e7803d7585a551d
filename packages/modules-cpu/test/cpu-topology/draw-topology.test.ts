import { describe, expect, it } from 'vitest'
import { drawTopology } from '../../src/cpu-topology/draw-topology.js'
import { proposePinning } from '../../src/index.js'
import { DEVICE, machine } from './machine.js'

describe('the drawing', () => {
  it('shows packages, nodes, caches, cores in brackets and their threads', () => {
    expect(drawTopology(machine({ caches: 2, cores: 2 }))).toBe(
      [
        'package 0, 4 cores, 8 threads',
        '  node 0, 16 GiB',
        '    L3, 32 MiB',
        '      [0 4] [1 5]',
        '    L3, 32 MiB',
        '      [2 6] [3 7]',
      ].join('\n'),
    )
  })

  it('marks what is chosen, and where the device is', () => {
    const topology = machine({ nodes: 2, cores: 3, device: 1 })
    const drawing = drawTopology(topology, proposePinning(topology, { vcpus: 3, device: DEVICE }))
    expect(drawing).toBe(
      [
        'package 0, 3 cores, 6 threads',
        '  node 0, 16 GiB',
        '    L3, 32 MiB',
        '      [0h 6h] [1 7] [2 8]',
        'package 1, 3 cores, 6 threads',
        `  node 1, 16 GiB   <- ${DEVICE}`,
        '    L3, 32 MiB',
        '      [3* 9*] [4* 10-] [5e 11e]',
        '',
        '* vCPU, - idle, e emulator, h kept for the host',
      ].join('\n'),
    )
  })

  it('names the kinds of cores, offline CPUs, and nodes without CPUs', () => {
    const topology = machine({ cores: 2, efficiency: 2, offline: [5] })
    const nodes = [...topology.nodes, { id: 3, cpus: [], memoryKiB: 1024 * 1024 }]
    expect(drawTopology({ ...topology, nodes })).toBe(
      [
        'package 0, 3 cores, 5 threads',
        '  node 0, 16 GiB',
        '    L3, 32 MiB',
        '      performance: [0 2] [1 3]',
        '      efficiency: [4]',
        'node 3, 1 GiB, no CPUs',
        'offline: CPU 5',
      ].join('\n'),
    )
  })

  it('of 512 CPUs in 16 nodes shows what is chosen, and the rest once', () => {
    const topology = machine({ nodes: 16, caches: 4, cores: 4, device: 9 })
    const drawing = drawTopology(topology, proposePinning(topology, { vcpus: 8, device: DEVICE }))
    expect(drawing.split('\n').length).toBeLessThan(50)
    expect(Math.max(...drawing.split('\n').map((line) => line.length))).toBeLessThanOrEqual(96)
    expect(drawing).toContain('[144* 400*] [145* 401*] [146* 402*] [147* 403*]')
    expect(drawing).toMatch(/… and like it packages 2-8: CPUs/)
    expect(drawing).toContain('    … and 3 more like it: CPUs 20-31,276-287')
  })
})
