import { describe, expect, test } from 'vitest'
import type { Observation } from '../../compare/observation.js'
import { verdictOf } from '../../compare/verdict.js'

const onHost = { driver: 'nvme', override: '(null)\n' }
const bare = { driver: null, override: 'vfio-pci\n' }

describe('the verdict on what a tool made of a trap', () => {
  test('is right for a refusal that leaves everything as it was', () => {
    expect(verdictOf(observed({}))).toBe('right')
  })

  test('does not let a good exit code outweigh harm, a hang, or a device without its driver', () => {
    const changed = { '0000:02:00.0': { before: onHost, after: bare } }
    expect(verdictOf(observed({ changed, harm: ['file system dead'] }))).toBe('hurt')
    expect(verdictOf(observed({ changed, exits: ['hangs'] }))).toBe('hangs')
    expect(verdictOf(observed({ changed }))).toBe('stranded')
  })

  test('counts any device that lost its driver, not only the one that was named', () => {
    const changed = { '0000:07:00.0': { before: onHost, after: bare } }
    expect(verdictOf(observed({ changed }))).toBe('stranded')
  })

  test('tells a wrong driver from an override that is left behind', () => {
    const elsewhere = { '0000:02:00.0': { before: onHost, after: { ...onHost, driver: 'vfio-pci' } } }
    const aimed = { '0000:02:00.0': { before: onHost, after: { ...onHost, override: 'vfio-pci\n' } } }
    expect(verdictOf(observed({ changed: elsewhere }))).toBe('wrong driver')
    expect(verdictOf(observed({ changed: aimed }))).toBe('override changed')
  })

  test('does not take a binding for a success that no guest can use', () => {
    const bound = { '0000:02:00.0': { before: onHost, after: { ...onHost, driver: 'vfio-pci' } } }
    expect(verdictOf(observed({ changed: bound, flaws: ['the group is not viable'] }))).toBe('unusable')
  })

  test('says which way an exit code is wrong, unless what was asked for was so before', () => {
    expect(verdictOf(observed({ exits: [0] }))).toBe('false success')
    expect(verdictOf(observed({ exits: [1], expectedExits: [0] }))).toBe('false failure')
    expect(verdictOf(observed({ exits: [0], alreadySo: true }))).toBe('right')
  })

  test('takes every failing exit code for a refusal', () => {
    expect(verdictOf(observed({ exits: [4] }))).toBe('right')
  })
})

function observed(parts: Partial<Observation>): Observation {
  return {
    trap: 'mounted',
    title: 'a mounted disk',
    tool: 'janus',
    device: '0000:02:00.0',
    asks: ['bind'],
    expectedExits: [1],
    exits: [1],
    alreadySo: false,
    said: [],
    before: onHost,
    after: onHost,
    changed: {},
    harm: [],
    flaws: [],
    kernelErrors: [],
    ...parts,
  }
}
