import type { Condition } from '@janus/core'
import { describe, expect, it } from 'vitest'
import { renderCondition } from '../../src/render/change.js'

type ParameterCondition = Extract<Condition, { kind: 'parameter' }>
const said = (more: Partial<ParameterCondition>) =>
  renderCondition({ kind: 'parameter', path: '/f', name: 'iommu', value: null, ...more }).printable

describe('a condition about a parameter that is to be gone', () => {
  it('says which word, and on which line', () => {
    expect(said({})).toBe('/f has no iommu')
    expect(said({ lines: 'linux' })).toBe('/f has no iommu on its first line linux')
    expect(said({ among: ['off'], lines: 'options' })).toBe(
      '/f has no iommu=off (alone or in a list) on its first line options',
    )
    expect(said({ name: 'hugepages', after: { names: ['hugepagesz'], values: ['1G'] } })).toBe(
      '/f has no hugepages behind hugepagesz=1G',
    )
  })
})
