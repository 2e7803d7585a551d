import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AskedParameter } from '../../../src/boot/command-line/command-line-request.js'
import { commandWords } from '../../../src/boot/command-line/command-words.js'
import { editFiles } from '../../../src/boot/command-line/edit-files.js'
import { textLine } from '../../../src/boot/command-line/text-line.js'
import { lastParameter, parseKernelCommandLine } from '../../../src/inventory/kernel-command-line.js'
import { parameterBehind } from '../../../src/inventory/parameter-behind.js'
import { reservedPages, reservedPagesBefore58 } from '../fixtures/hugetlb.js'

const ONE_GIB = { names: ['hugepagesz', 'default_hugepagesz'], values: ['1G', '1024M'] }

const name = fc.constantFrom('quiet', 'intel_iommu', 'intel-iommu', 'iommu', 'hugepages', 'hugepagesz', 'x.y', 'ro')
const value = fc.constantFrom('on', 'off', 'pt', '1G', '2M', '"a b"', '', 'a=b', '4,8')
const word = fc.oneof(
  name,
  fc.tuple(name, value).map(([one, other]) => `${one}=${other}`),
  fc.constantFrom('"quoted=a b"', '--', '"open'),
)
const line = fc
  .array(fc.tuple(word, fc.constantFrom(' ', '  ', '\t')))
  .map((words) => words.map(([one, space]) => `${one}${space}`).join(''))
const asked: fc.Arbitrary<AskedParameter> = fc.oneof(
  fc.constantFrom<AskedParameter>(
    { name: 'intel_iommu', value: 'on' },
    { name: 'iommu', value: 'pt' },
    { name: 'x.y', value: '1' },
    { name: 'ro' },
  ),
)

const PAGES = { name: 'hugepages', value: '16', after: ONE_GIB }
const pageWord = fc.constantFrom(
  ...['hugepagesz=1G', 'hugepagesz=1024M', 'hugepagesz=2M', 'hugepages=4', 'hugepages=16', 'hugepages=8', 'quiet'],
)
/** Sizes in any order and as often as one likes; of default sizes one, for several are refused before. */
const pageLine = fc
  .tuple(fc.constantFrom('hugepagesz=1G', 'hugepagesz=2M', 'quiet'), fc.array(pageWord, { maxLength: 9 }), fc.nat(9))
  .chain(([first, words, at]) =>
    fc
      .constantFrom('', 'default_hugepagesz=1G', 'default_hugepagesz=2M')
      .map((standard) =>
        [first, ...words.slice(0, at), standard, ...words.slice(at)].filter((one) => one !== '').join(' '),
      ),
  )

function edit(text: string, request: Parameters<typeof editFiles>[2]): string {
  return editFiles(new Map([['/f', text]]), (texts) => [textLine('/f', texts.get('/f') ?? '')], request).get('/f') ?? ''
}
/** Refused may be only what names a size twice, or has a number before every size. */
function unlessRefused(text: string, run: () => string): string | undefined {
  try {
    return run()
  } catch (error) {
    expect(error).toMatchObject({ code: 'JANUS_HOST_UNFIT' })
    const sizes = [...text.matchAll(/(default_)?hugepagesz=(\w+)/g)].map(([, , size]) =>
      size === '1024M' ? '1G' : size,
    )
    expect(new Set(sizes).size < sizes.length || /^(?:quiet ?)*hugepages=/.test(text), text).toBe(true)
    return undefined
  }
}

const set = (text: string, ...parameters: AskedParameter[]) => edit(text, { set: parameters, why: 'x' })

describe('the words of a line', () => {
  it('are those that the kernel takes for parameters', () => {
    fc.assert(
      fc.property(line, (text) => {
        const words = commandWords(text).words.map(({ name, value }) => ({ name, value }))
        expect(words).toEqual(parseKernelCommandLine(text))
      }),
    )
  })
})

describe('an edit of a line', () => {
  it('gives the parameter its value, whatever the line holds', () => {
    fc.assert(
      fc.property(line, asked, (text, parameter) => {
        fc.pre(!text.includes('"open'))
        const edited = parseKernelCommandLine(set(text, parameter))
        expect(lastParameter(edited, parameter.name)).toBe(parameter.value ?? '')
      }),
    )
  })

  it('leaves every other parameter, its order and its spelling', () => {
    fc.assert(
      fc.property(line, asked, (text, parameter) => {
        fc.pre(!text.includes('"open'))
        const edited = set(text, parameter)
        const kept = (one: string) => commandWords(one).words.map(({ start, end }) => one.slice(start, end))
        const [before, after] = [kept(text), kept(edited)]
        const inserted = after.length - before.length
        expect(inserted).toBeLessThanOrEqual(1)
        if (inserted > 0) expect(before.every((one) => after.includes(one))).toBe(true)
        else expect(after.filter((one, index) => one !== before[index]).length).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(line, asked, fc.boolean(), (text, parameter, removeDuplicates) => {
        fc.pre(!text.includes('"open'))
        const request = { set: [parameter], removeDuplicates, why: 'x' }
        const once = edit(text, request)
        expect(edit(once, request)).toBe(once)
      }),
    )
  })

  it('removes exactly the words that are asked for', () => {
    fc.assert(
      fc.property(line, (text) => {
        fc.pre(!text.includes('"open'))
        const removed = parseKernelCommandLine(edit(text, { set: [], remove: [{ name: 'iommu' }], why: 'x' }))
        expect(removed).toEqual(parseKernelCommandLine(text).filter((one) => one.name !== 'iommu'))
      }),
    )
  })

  it.each([
    ['', 'intel_iommu=on'],
    ['quiet', 'quiet intel_iommu=on'],
    ['quiet ', 'quiet intel_iommu=on'],
    ['intel_iommu=off quiet', 'intel_iommu=on quiet'],
    ['intel_iommu=on intel_iommu=off', 'intel_iommu=on intel_iommu=on'],
    ['intel-iommu=off', 'intel-iommu=on'],
    ['intel_iommu', 'intel_iommu=on'],
    ['quiet -- single', 'quiet intel_iommu=on -- single'],
    ['dyndbg="file a +p" quiet', 'dyndbg="file a +p" quiet intel_iommu=on'],
    ['my_intel_iommu=off', 'my_intel_iommu=off intel_iommu=on'],
  ])('of %j makes %j', (before, after) => {
    expect(set(before, { name: 'intel_iommu', value: 'on' })).toBe(after)
  })

  it('leaves one word of a parameter when it is asked to', () => {
    const request = { set: [{ name: 'intel_iommu', value: 'on' }], removeDuplicates: true, why: 'x' }
    expect(edit('intel_iommu=on a intel_iommu=sm_on b intel_iommu=off', request)).toBe('a b intel_iommu=on')
  })

  it.each([
    ['quiet', 'quiet hugepagesz=1G hugepages=4'],
    ['hugepages=512', 'hugepages=512 hugepagesz=1G hugepages=4'],
    ['hugepagesz=1G hugepages=2 hugepagesz=2M hugepages=512', 'hugepagesz=1G hugepages=4 hugepagesz=2M hugepages=512'],
    ['default_hugepagesz=1G', 'default_hugepagesz=1G hugepagesz=1G hugepages=4'],
    ['default_hugepagesz=1G quiet', 'default_hugepagesz=1G hugepagesz=1G hugepages=4 quiet'],
    ['default_hugepagesz=1G hugepagesz=1G', 'default_hugepagesz=1G hugepagesz=1G hugepages=4'],
    ['default_hugepagesz=1G hugepages=2', 'default_hugepagesz=1G hugepages=4'],
    ['hugepagesz=1024M hugepages=1', 'hugepagesz=1024M hugepages=4'],
  ])('keeps pages of one size apart from those of another: %j', (before, after) => {
    expect(set(before, { name: 'hugepages', value: '4', after: ONE_GIB })).toBe(after)
  })

  it.each([
    ['hugepagesz=1G hugepages=4 quiet hugepagesz=1G hugepages=4', 'hugepagesz=1G hugepages=16 quiet'],
    ['hugepagesz=1G hugepages=4 hugepagesz=1G hugepages=16', 'hugepagesz=1G hugepages=16'],
    ['hugepagesz=1G hugepages=4 hugepages=16 quiet', 'hugepagesz=1G hugepages=16 quiet'],
    ['hugepagesz=1G quiet hugepagesz=1024M hugepages=16', 'hugepagesz=1G hugepages=16 quiet'],
    [
      'hugepagesz=1G hugepages=4 hugepagesz=2M hugepages=8 hugepagesz=1G hugepages=9',
      'hugepagesz=1G hugepages=16 hugepagesz=2M hugepages=8',
    ],
    ['default_hugepagesz=1G hugepages=4 hugepagesz=1G hugepages=8', 'default_hugepagesz=1G hugepagesz=1G hugepages=16'],
    ['hugepagesz=1G default_hugepagesz=1G', 'hugepagesz=1G hugepages=16 default_hugepagesz=1G'],
    // Behind the second 2M the kernel skips one number, and takes the next for the 1G that it knew last.
    [
      'hugepagesz=2M default_hugepagesz=1G hugepagesz=2M hugepages=8 hugepages=8 hugepagesz=1G',
      'hugepagesz=2M default_hugepagesz=1G hugepagesz=2M hugepages=8 hugepagesz=1G hugepages=16',
    ],
  ])('leaves the one number of a size that the kernel obeys: %j', (before, after) => {
    expect(set(before, PAGES)).toBe(after)
    expect(reservedPages(after).get('1G')).toBe('16')
    expect(reservedPagesBefore58(after).get('1G')).toBe('16')
    expect(set(after, PAGES)).toBe(after)
  })

  it.each([
    'hugepagesz=1G hugepages=16 quiet',
    'default_hugepagesz=1G hugepagesz=1G hugepages=16',
    'hugepagesz=1G default_hugepagesz=1G hugepages=16',
    'default_hugepagesz=1G hugepages=16',
    'hugepagesz=2M hugepages=8 hugepagesz=1G hugepages=16 hugepagesz=1G',
  ])('leaves a line by which the kernel does so already: %j', (text) => {
    expect(reservedPages(text).get('1G')).toBe('16')
    expect(set(text, PAGES)).toBe(text)
  })

  it('brings every kernel to the number, and takes no other size from its own', () => {
    fc.assert(
      fc.property(pageLine, (text) => {
        const edited = unlessRefused(text, () => set(text, PAGES))
        if (edited === undefined) return
        expect(reservedPages(edited).get('1G'), edited).toBe('16')
        if (/\bhugepagesz=1(?:G|024M) hugepages=16/.test(edited))
          expect(reservedPagesBefore58(edited).get('1G'), edited).toBe('16')
        expect(parameterBehind(parseKernelCommandLine(edited), 'hugepages', ONE_GIB)).toBe('16')
        expect(set(edited, PAGES), text).toBe(edited)
        expect(reservedPages(edited).get('2M'), edited).toBe(reservedPages(text).get('2M'))
        const others = (line: string) => line.replaceAll(/(?:hugepagesz=1(?:G|024M)|hugepages=\d+) ?/g, '').trim()
        expect(others(edited).replace(/ $/, '')).toBe(others(text).replace(/ $/, ''))
      }),
      { numRuns: 5000 },
    )
  })

  it('reads the number that the kernel reserves, wherever it stands', () => {
    fc.assert(
      fc.property(pageLine, (text) => {
        const read = parameterBehind(parseKernelCommandLine(text), 'hugepages', ONE_GIB)
        expect(read, text).toBe(reservedPages(text).get('1G'))
      }),
      { numRuns: 5000 },
    )
  })

  it('takes the size away and leaves every other as it is, or refuses the line', () => {
    const remove = [
      { name: 'hugepages', after: ONE_GIB },
      { name: 'hugepagesz', value: '1G' },
    ]
    fc.assert(
      fc.property(pageLine, (text) => {
        const edited = unlessRefused(text, () => edit(text, { set: [], remove, why: 'x' }))
        if (edited === undefined) return
        expect(reservedPages(edited).get('1G'), edited).toBe(undefined)
        expect(reservedPages(edited).get('2M'), edited).toBe(reservedPages(text).get('2M'))
      }),
      { numRuns: 5000 },
    )
  })

  it('takes every number of a size away, those too that the kernel ignored', () => {
    const remove = [
      { name: 'hugepages', after: ONE_GIB },
      { name: 'hugepagesz', value: '1G' },
    ]
    const text = 'quiet hugepagesz=1G hugepages=4 hugepages=5 hugepagesz=2M hugepages=8 hugepagesz=1G hugepages=6'
    expect(edit(text, { set: [], remove, why: 'x' })).toBe('quiet hugepagesz=2M hugepages=8')
  })
})
