import { createMemoryHost } from '@janus/core/testing'
import { describe, expect, it } from 'vitest'
import { programWords } from '../../../src/boot/command-line/program-words.js'
import { textLine } from '../../../src/boot/command-line/text-line.js'

const host = createMemoryHost({}, { description: 'the test machine' })
const INTEL = { name: 'intel_iommu', value: 'on', among: ['on', 'off'] }
const PASSTHROUGH = { name: 'iommu', value: 'pt', among: ['pt', 'nopt'] }
const words = (...lines: readonly string[]) =>
  programWords(
    host,
    lines.map((line, index) => textLine(`/entry-${index}`, line)),
    { set: [INTEL, PASSTHROUGH], remove: [{ name: 'iommu', value: 'off', among: ['off'] }], why: 'a test' },
  )

describe('the words of a program for parameters whose values are lists', () => {
  it('put one word in the place of another, with the members that stay', () => {
    expect(words('quiet intel_iommu=igfx_off iommu=off,soft')).toEqual({
      added: ['intel_iommu=on,igfx_off', 'iommu=pt,soft'],
      removed: ['intel_iommu=igfx_off', 'iommu=off,soft'],
    })
    expect(words('intel_iommu=on,igfx_off iommu=soft,pt')).toEqual({ added: [], removed: [] })
  })

  it('are plain where a line has none of them', () => {
    expect(words('quiet', 'intel_iommu=off')).toEqual({
      added: ['intel_iommu=on', 'iommu=pt'],
      removed: ['intel_iommu=off'],
    })
  })

  it('are refused where entries would come to different lists, naming both', () => {
    expect(() => words('intel_iommu=igfx_off', 'quiet')).toThrow(
      '/entry-0 would come to "intel_iommu=on,igfx_off" and /entry-1 would not',
    )
  })
})

describe('the words of a program for a number that counts behind its size', () => {
  const after = { names: ['hugepagesz', 'default_hugepagesz'], values: ['1G'] }
  const pages = (value: string, line: string) =>
    programWords(host, [textLine('/entry', line)], { set: [{ name: 'hugepages', value, after }], why: 'a test' })

  it('are none where the kernel obeys it already, and size and number where there is no other', () => {
    expect(pages('4', 'hugepagesz=1G hugepages=4 hugepagesz=1G hugepages=16')).toEqual({ added: [], removed: [] })
    expect(pages('4', 'quiet')).toEqual({ added: ['hugepagesz=1G', 'hugepages=4'], removed: [] })
  })

  it('are refused where there are several, naming them', () => {
    expect(() => pages('16', 'hugepagesz=1G hugepages=4 hugepagesz=1G hugepages=16')).toThrow(
      '/entry holds "hugepages=4" and "hugepages=16" behind hugepagesz=1G, of which the kernel takes one',
    )
    expect(() => pages('16', 'hugepagesz=2M hugepages=16')).toThrow('/entry holds "hugepagesz=2M"')
  })

  it('are refused where taking one away would take the same of another size', () => {
    const remove = [{ name: 'hugepages', after }]
    const gone = (line: string) => programWords(host, [textLine('/entry', line)], { set: [], remove, why: 'a test' })
    expect(gone('hugepagesz=1G hugepages=4')).toEqual({ added: [], removed: ['hugepages=4'] })
    expect(() => gone('hugepagesz=2M hugepages=4 hugepagesz=1G hugepages=4')).toThrow('holds "hugepages=4" twice')
  })
})

describe('the words of a program for a parameter of which one is to be left', () => {
  it('do not take the one away that counts with others of the same value', () => {
    const request = { set: [{ name: 'x', value: '1' }], removeDuplicates: true, why: 'a test' }
    expect(programWords(host, [textLine('/entry', 'x=1 x=2 x=1')], request)).toEqual({ added: [], removed: ['x=2'] })
  })
})
