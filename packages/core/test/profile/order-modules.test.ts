import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type OrderedModule, orderModules } from '../../src/profile/order-modules.js'

const module = (id: string, order: { after?: string[]; metadata?: OrderedModule['metadata'] } = {}): OrderedModule => ({
  entry: { module: id, ...(order.after === undefined ? {} : { after: order.after }) },
  metadata: order.metadata ?? {},
})

const names = (modules: readonly OrderedModule[]) => orderModules(modules).map(({ entry }) => entry.module)

describe('the order of the modules of a profile', () => {
  it('is that of the file where nothing else is said', () => {
    expect(names([module('c'), module('a'), module('b')])).toEqual(['c', 'a', 'b'])
  })

  it('follows what modules say themselves, and names of modules that are not there say nothing', () => {
    expect(
      names([
        module('vfio', { metadata: { after: ['reset', 'absent'] } }),
        module('pages'),
        module('sriov', { metadata: { before: ['vfio', 'absent'] } }),
        module('reset'),
      ]),
    ).toEqual(['pages', 'sriov', 'reset', 'vfio'])
  })

  it('follows what the profile adds', () => {
    expect(names([module('a', { after: ['b'] }), module('b')])).toEqual(['b', 'a'])
  })

  it('keeps two entries of one module as they are', () => {
    expect(names([module('a', { metadata: { after: ['b'] } }), module('a'), module('b')])).toEqual(['a', 'b', 'a'])
  })

  it('names the circle', () => {
    const circle = [
      module('x'),
      module('a', { after: ['b'] }),
      module('b', { after: ['c'] }),
      module('c', { after: ['a'] }),
    ]
    expect(() => names(circle)).toThrow(/each of these comes before the next: (c, b, a, c|b, a, c, b|a, c, b, a)$/)
  })

  it('refuses an after that names nothing, with the nearest name, and one that names itself', () => {
    expect(() => names([module('gpu-vfio'), module('b', { after: ['gpu-vfoi'] })])).toThrow(/gpu-vfoi; gpu-vfio\?$/)
    expect(() => names([module('a', { after: ['a'] })])).toThrow(/cannot come after itself/)
  })

  it('puts everything behind what it comes after, and loses nothing', () => {
    // Edges go from later to earlier places of a list that is then shuffled, so that there is no circle.
    const graphs = fc.integer({ min: 1, max: 12 }).chain((count) =>
      fc.record({
        after: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 30 }),
        order: fc.shuffledSubarray([...Array(count).keys()], { minLength: count, maxLength: count }),
      }),
    )
    fc.assert(
      fc.property(graphs, ({ after, order }) => {
        const edges = after.filter(([later, earlier]) => later > earlier)
        const afterOf = (index: number) =>
          edges.filter(([later]) => later === index).map(([, earlier]) => `m${earlier}`)
        const ordered = names(order.map((index) => module(`m${index}`, { after: afterOf(index) })))
        expect([...ordered].sort()).toEqual(order.map((index) => `m${index}`).sort())
        for (const [later, earlier] of edges) {
          expect(ordered.indexOf(`m${later}`)).toBeGreaterThan(ordered.indexOf(`m${earlier}`))
        }
      }),
    )
  })
})
