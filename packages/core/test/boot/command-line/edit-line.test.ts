import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AskedParameter } from '../../../src/boot/command-line/command-line-request.js'
import { commandWords } from '../../../src/boot/command-line/command-words.js'
import { editFiles } from '../../../src/boot/command-line/edit-files.js'
import { textLine } from '../../../src/boot/command-line/text-line.js'
import { lastParameter, parseKernelCommandLine } from '../../../src/inventory/kernel-command-line.js'

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
    { name: 'hugepages', value: '4', after: ONE_GIB },
  ),
)

function edit(text: string, request: Parameters<typeof editFiles>[2]): string {
  return editFiles(new Map([['/f', text]]), (texts) => [textLine('/f', texts.get('/f') ?? '')], request).get('/f') ?? ''
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
        expect(lastParameter(edited, parameter.name, parameter.after)).toBe(parameter.value ?? '')
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
        expect(inserted).toBeLessThanOrEqual(parameter.after === undefined ? 1 : 2)
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
    ['default_hugepagesz=1G', 'default_hugepagesz=1G hugepages=4'],
    ['default_hugepagesz=1G quiet', 'default_hugepagesz=1G hugepages=4 quiet'],
    ['hugepagesz=1024M hugepages=1', 'hugepagesz=1024M hugepages=4'],
  ])('keeps pages of one size apart from those of another: %j', (before, after) => {
    expect(set(before, { name: 'hugepages', value: '4', after: ONE_GIB })).toBe(after)
  })
})
