import fc from 'fast-check'
import { expect, test } from 'vitest'
import { jsonText } from '../src/json-document.js'

test('JSON reads back the same and holds nothing that a terminal obeys, whatever was put in', () => {
  const hostile = fc.constantFrom('\u009b31m', '\u001b[2J', '\u202e', '\u007f', '\u2028', '\u{e0041}', '\ufeff')
  const text = fc.array(fc.oneof(fc.string({ unit: 'binary' }), hostile)).map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.dictionary(text, text), (value) => {
      const printed = jsonText(value)
      expect(JSON.parse(printed)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(printed).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
    }),
  )
})
