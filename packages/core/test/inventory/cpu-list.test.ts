import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatCpuList, formatCpuMask, parseCpuList, parseCpuMask } from '../../src/inventory/index.js'

const cpus = fc.uniqueArray(fc.integer({ min: 0, max: 700 }), { maxLength: 40 })
const ascending = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)

describe('lists and masks of processors', () => {
  it('are written as the kernel prints them', () => {
    expect(formatCpuList([8, 0, 1, 2, 3, 3])).toBe('0-3,8')
    expect(formatCpuList([4, 5])).toBe('4-5')
    expect(formatCpuList([])).toBe('')
    expect(formatCpuMask([0, 1])).toBe('3')
    expect(formatCpuMask([32])).toBe('1,00000000')
    expect(formatCpuMask([])).toBe('0')
  })

  it('are read back as they were written, whatever the processors', () => {
    fc.assert(
      fc.property(cpus, (numbers) => {
        expect(parseCpuList(formatCpuList(numbers))).toEqual(ascending(numbers))
      }),
    )
    fc.assert(
      fc.property(cpus, (numbers) => {
        expect(parseCpuMask(formatCpuMask(numbers))).toEqual(ascending(numbers))
      }),
    )
  })

  it.each(['', 'g', '0x3', '123456789', '3;', ',3'])('no mask is %j', (text) => {
    expect(parseCpuMask(text)).toBeUndefined()
  })
})
