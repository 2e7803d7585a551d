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
