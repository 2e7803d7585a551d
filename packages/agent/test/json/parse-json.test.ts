import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseJson } from '../../src/index.js'

describe('JSON from somebody who is not trusted', () => {
  test('is what JSON.parse makes of it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value)
        expect(parseJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  test('is refused for everything that JSON.parse refuses, and never with anything but a SyntaxError', () => {
    const pieces = fc.constantFrom('{', '}', '[', ']', '"', '\\', ':', ',', 'a', '1', '\\u0061', '"a"', ' ', 'null')
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
        const text = parts.join('')
        let expected: unknown
        try {
          expected = JSON.parse(text)
        } catch {
          expect(() => parseJson(text)).toThrow(SyntaxError)
          return
        }
        try {
          expect(parseJson(text)).toEqual(expected)
        } catch (error) {
          expect(String(error)).toMatch(/two members are called/)
        }
      }),
      { numRuns: 2000 },
    )
  })

  test.each(['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '[{"b":{"c":1,"d":[],"c":2}}]', '{"__proto__":1,"__proto__":2}'])(
    'is refused with two members of one name: %s',
    (text) => {
      expect(() => parseJson(text)).toThrow(/two members/)
    },
  )

  test('may hold what looks like structure in its strings, and one name in several objects', () => {
    expect(parseJson('{"a":"{\\"a\\":1}","b":[{"a":1},{"a":2}]}')).toEqual({ a: '{"a":1}', b: [{ a: 1 }, { a: 2 }] })
  })

  test('is refused when it is too deep, however deep', () => {
    expect(() => parseJson('['.repeat(1_000_000))).toThrow(/64 deep/)
    expect(parseJson(`${'['.repeat(64)}${']'.repeat(64)}`)).toBeDefined()
  })

  test('has members called __proto__ like any other', () => {
    const value = parseJson('{"__proto__":{"admin":true}}') as Record<string, unknown>
    expect(Object.hasOwn(value, '__proto__')).toBe(true)
    expect((value as { admin?: unknown }).admin).toBeUndefined()
  })
})
