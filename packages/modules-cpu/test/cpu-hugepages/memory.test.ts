import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseNodeMeminfo } from '../../src/cpu-hugepages/memory.js'

describe('parseNodeMeminfo', () => {
  it('reads names and kilobytes', () => {
    expect(parseNodeMeminfo('Node 0 Active(file):   3 kB\n').get('Active(file)')).toBe(3)
    expect(parseNodeMeminfo('Node 12 MemTotal:       16 kB\n').get('MemTotal')).toBe(16)
  })

  it('leaves out what has no unit of kilobytes', () => {
    expect(parseNodeMeminfo('Node 0 HugePages_Total:       4\n').size).toBe(0)
  })

  it('gives back what was printed, and never a number that is none', () => {
    const entries = fc.dictionary(fc.stringMatching(/^[A-Z][A-Za-z_()]{0,20}$/), fc.nat())
    fc.assert(
      fc.property(entries, (fields) => {
        const text = Object.entries(fields).map(([name, value]) => `Node 3 ${name}: ${value} kB\n`)
        expect(Object.fromEntries(parseNodeMeminfo(text.join('')))).toEqual({ ...fields })
      }),
    )
    fc.assert(fc.property(fc.string(), (text) => [...parseNodeMeminfo(text).values()].every(Number.isFinite)))
  })
})
