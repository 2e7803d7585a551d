import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalJson } from '../../src/ledger/index.js'
import { isPlainCanonical } from '../../src/ledger/plain-canonical.js'

/** JSON text of any spelling: spaces, orders, repeated keys, escapes, and numbers written in every way. */
const { spelled } = fc.letrec<{ spelled: string; list: string; map: string }>((tie) => ({
  spelled: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom(
      'null',
      'true',
      'false',
      '""',
      '0',
      '-0',
      '1',
      '-1',
      '1.0',
      '1e2',
      '100',
      '1E+2',
      '0.5',
      '1e21',
      '5e-324',
    ),
    fc.constantFrom(
      '9007199254740991',
      '9007199254740993',
      '999999999999999',
      '1000000000000000',
      '123456789012345678',
    ),
    fc.integer().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => JSON.stringify(number)),
    fc.string({ unit: 'binary' }).map((text) => JSON.stringify(text)),
    fc.constantFrom(
      '"a"',
      '"\\u0061"',
      '"\\/"',
      '"/"',
      '"\\n"',
      '"\u2028"',
      '"é"',
      '"\\u00e9"',
      '"{\\"a\\":1}"',
      '"},{"',
    ),
    tie('list'),
    tie('map'),
  ),
  list: fc
    .tuple(fc.array(tie('spelled'), { maxLength: 3 }), space())
    .map(([items, gap]) => `[${items.join(`,${gap}`)}]`),
  map: fc
    .tuple(fc.array(fc.tuple(key(), tie('spelled')), { maxLength: 4 }), space(), fc.boolean())
    .map(([entries, gap, isSorted]) => {
      const members = isSorted ? entries.toSorted(([left], [right]) => (left < right ? -1 : 1)) : entries
      return `{${members.map(([name, value]) => `${name}:${gap}${value}`).join(',')}}`
    }),
}))

function space(): fc.Arbitrary<string> {
  return fc.oneof({ weight: 9, arbitrary: fc.constant('') }, fc.constantFrom(' ', '\t', '\n'))
}

function key(): fc.Arbitrary<string> {
  return fc.oneof(
    fc.constantFrom(
      '"a"',
      '"b"',
      '"c"',
      '"aa"',
      '""',
      '"9"',
      '"10"',
      '"__proto__"',
      '"é"',
      '"\\u0061"',
      '"\ufb33"',
      '"😀"',
    ),
    fc.string({ maxLength: 3 }).map((text) => JSON.stringify(text)),
  )
}

test('whatever passes at a glance is spelled canonically', () => {
  let passed = 0
  fc.assert(
    fc.property(spelled, (text) => {
      if (!isPlainCanonical(text)) return
      passed += 1
      expect(canonicalJson(JSON.parse(text))).toBe(text)
    }),
    { numRuns: 20_000 },
  )
  expect(passed).toBeGreaterThan(5000)
})

test('what records are made of passes', () => {
  const value = {
    a: [1, -20, 0, null, true, false, {}, [], ''],
    b: { 'ä \u2028': 'x', é: '{"' },
    c: 999_999_999_999_999,
  }
  expect(isPlainCanonical(canonicalJson({ ...value, b: { ...value.b, é: '{' } }))).toBe(true)
  expect(isPlainCanonical(canonicalJson(value))).toBe(false)
})

test.each([
  '-0',
  '1.0',
  '1.5',
  '1e2',
  '1E2',
  '9007199254740993',
  '[1 ]',
  '[ 1]',
  '[1, 2]',
  '{"a":1 }',
  '{ "a":1}',
  '{"a" :1}',
  '{"a": 1}',
  '{"b":1,"a":2}',
  '{"a":1,"a":1}',
  '{"aa":1,"a":1}',
  '"\\u0061"',
  '"\\/"',
  ' 1',
  '1 ',
  '{"a":{"c":1,"b":1}}',
  '[{"b":1,"a":1}]',
])('%s does not pass', (text) => {
  expect(isPlainCanonical(text)).toBe(false)
})
