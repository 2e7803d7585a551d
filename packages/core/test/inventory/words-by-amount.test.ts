import { describe, expect, it } from 'vitest'
import { parseKernelCommandLine } from '../../src/inventory/kernel-command-line.js'
import { amountOf, wordsByAmount } from '../../src/inventory/words-by-amount.js'

const NAMES = ['hugepagesz', 'default_hugepagesz']

function counting(line: string): Readonly<Record<string, string | undefined>> {
  const found = wordsByAmount(parseKernelCommandLine(line), 'hugepages', NAMES)
  return Object.fromEntries([...found].map(([amount, words]) => [amount, words.counting.value]))
}

describe('the numbers of hugepages on a command line', () => {
  it.each<[string, Readonly<Record<string, string>>]>([
    ['hugepages=512', { '': '512' }],
    ['hugepages=512 default_hugepagesz=2M', { [amountOf('2M')]: '512' }],
    ['hugepages=512 default_hugepagesz=2M hugepages=3', { [amountOf('2M')]: '3' }],
    ['hugepagesz=2M hugepagesz=2M hugepages=8 hugepages=9', { [amountOf('2M')]: '9' }],
    ['hugepagesz=1GB hugepages=4', { [amountOf('1G')]: '4' }],
  ])('are taken by the kernel for one size each: %j', (line, expected) => {
    expect(counting(line)).toEqual(expected)
  })

  it.each([
    ['1G', '1024M'],
    ['1g', '1048576K'],
    ['2M', '2097152'],
    ['1GB', '1G'],
  ])('%s and %s are one amount', (one, other) => {
    expect(amountOf(one)).toBe(amountOf(other))
  })
})
