import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseBoundedJson } from '../../src/isolation/bounded-json.js'

describe('JSON that somebody untrusted wrote', () => {
  test('is what JSON.parse makes of it', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 20 }), (text) => {
        fc.pre(!text.includes('__proto__'))
        expect(parseBoundedJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test('is refused when it is deeper than what walks it can bear, however deep', () => {
    for (const depth of [101, 10_000, 2_000_000]) {
      expect(() => parseBoundedJson('['.repeat(depth) + ']'.repeat(depth))).toThrow(SyntaxError)
    }
    expect(parseBoundedJson('['.repeat(100) + ']'.repeat(100))).toBeDefined()
  })

  test.each(['{"__proto__":{}}', '[{"a":{"\\u005f_proto__":1}}]'])(
    'is refused when it names a prototype: %s',
    (text) => {
      expect(() => parseBoundedJson(text)).toThrow('__proto__')
    },
  )

  test.each(['', '{', '{}{}', '\u0000', 'undefined'])('is refused when it is none: %j', (text) => {
    expect(() => parseBoundedJson(text)).toThrow(SyntaxError)
  })
})
