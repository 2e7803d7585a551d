import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { viewLine } from '../../src/views/view-line.js'

describe('attack 25: words that would be lines of a log', () => {
  test('whatever a value holds: it is one line, nothing in it moves a cursor, and it is read as the same value', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.constantFrom('a\nb', '\u2028', '\r', '\u001b[2J', '\u202e', '{"a":1}\n{"b":2}', '__proto__', '\u{e0041}'),
    )
    fc.assert(
      fc.property(fc.record({ summary: text, list: fc.array(text.filter((each) => !/[=:]/.test(each))) }), (value) => {
        fc.pre(!/[=:]/.test(value.summary) && !value.list.some((each) => each.startsWith('-')))
        const line = viewLine(value)
        expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
        expect(line.endsWith('\n')).toBe(true)
        expect(JSON.parse(line)).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

describe('attack 26: a secret in a log', () => {
  const CANARY = 'canary-7f3a'

  test.each([
    [{ tool_args: ['--token', CANARY, 'x'] }],
    [{ tool_args: [`--password=${CANARY}`] }],
    [{ tool_kwargs: { api_key: CANARY } }],
    [{ metadata: { nested: { Authorization: CANARY } } }],
    [{ rationale: `runs with password: ${CANARY} as agreed` }],
    [{ summary: `token="${CANARY}" was given` }],
  ])('is left out where something is named like one: %j', (value) => {
    expect(viewLine(value)).not.toContain(CANARY)
  })

  test('leaves what is not named so', () => {
    expect(JSON.parse(viewLine({ tool_args: ['--color', 'never'], n: 1 }))).toEqual({
      tool_args: ['--color', 'never'],
      n: 1,
    })
  })
})
