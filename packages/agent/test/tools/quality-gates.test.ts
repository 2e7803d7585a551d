import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { judgeNodes } from '../../src/index.js'

const QUALITY = {
  stub_ratio: 0.1,
  relationship_density: 0.3,
  average_confidence: 0.75,
  source_density: 2,
  rich_practice_ratio: 0.4,
  cross_book_ratio: 0.5,
  synthesis_ratio: 0.3,
}
const answer = (quality: object = {}, summary: object = {}) =>
  JSON.stringify({ target_min: 10, generated: 8, quality: { ...QUALITY, ...quality }, ...summary })
const codes = (text: string) => judgeNodes(text).violations.map(({ code }) => code)

describe('the quality gates', () => {
  test('are open at exactly their bounds', () => {
    expect(judgeNodes(answer())).toEqual({
      passed: true,
      violations: [],
      warnings: [],
      excellence: ['rich_practice', 'cross_book', 'synthesis'],
    })
    expect(codes(answer({}, { generated: 5 }))).toEqual([])
  })

  test.each([
    ['', ['empty_output']],
    [' \n', ['empty_output']],
    ['no JSON', ['parse_error']],
    [`log line\n${answer()}`, ['parse_error']],
    [`${answer()}{"target_min":1}`, ['parse_error']],
    ['{"quality":{},"quality":{}}', ['parse_error']],
    ['[]', ['missing_summary']],
    ['{"nodes":[]}', ['missing_summary']],
    ['{"summary":7}', ['missing_summary']],
    ['{"target_min":10}', ['missing_quality']],
    ['{"target_min":10,"quality":[]}', ['missing_quality']],
    [answer({}, { target_min: 0 }), ['missing_target_min']],
    [answer({}, { target_min: 'ten' }), ['missing_target_min']],
    [answer({}, { generated: 4 }), ['insufficient_node_count']],
    [answer({ stub_ratio: 0.11 }), ['stub_ratio']],
    [answer({ stub_ratio: undefined }), ['stub_ratio']],
    [answer({ relationship_density: 0.29 }), ['relationship_density']],
    [JSON.stringify({ summary: JSON.parse(answer({}, { generated: 99 })), nodes: [1] }), ['insufficient_node_count']],
  ])('of %j say %j', (text, expected) => {
    expect(judgeNodes(text).passed).toBe(expected.length === 0)
    expect(codes(text)).toEqual(expected)
  })

  test('warn of what could be better', () => {
    const verdict = judgeNodes(
      answer({ average_confidence: 0.7, source_density: 1.9, synthesis_ratio: 0.2 }, { generated: 7 }),
    )
    expect(verdict.passed).toBe(true)
    expect(verdict.warnings.map(({ code }) => code)).toEqual(['node_count', 'average_confidence', 'source_density'])
    expect(verdict.excellence).toEqual(['rich_practice', 'cross_book'])
    expect(judgeNodes(answer({ average_confidence: undefined, source_density: undefined })).warnings).toEqual([])
  })

  test('never throw, whatever is printed', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => typeof judgeNodes(text).passed === 'boolean'))
  })
})
