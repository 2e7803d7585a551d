import fc from 'fast-check'
import { expect, test } from 'vitest'
import { escapeForTerminal } from '../../src/logging/index.js'

test.each([
  ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
  ['\u009b2J', '\\x9b2J'],
  ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
  ['a\rb\nc\td', 'a\\rb\\nc\\td'],
  ['user\u202etxt.exe', 'user\\u{202e}txt.exe'],
  ['zero\u200bwidth\ufeff\u00ad', 'zero\\u{200b}width\\u{feff}\\xad'],
  ['tag\u{e0041}', 'tag\\u{e0041}'],
  ['hangul\u3164filler\ufe0f', 'hangul\\u{3164}filler\\u{fe0f}'],
  ['line\u2028separator', 'line\\u{2028}separator'],
  ['half\ud800', 'half\\u{d800}'],
  ['Zürich 東京 Ελλάδα 😀 C:\\x', 'Zürich 東京 Ελλάδα 😀 C:\\x'],
])('%j is shown as %j', (text, shown) => {
  expect(escapeForTerminal(text)).toBe(shown)
})

test('a multiline text keeps its lines and tabs, and nothing else', () => {
  expect(escapeForTerminal('a\n\tb\r\u001b', { multiline: true })).toBe('a\n\tb\\r\\x1b')
})

test('no text leaves a character that a terminal obeys or hides', () => {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code)),
    fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    fc.integer({ min: 0, max: 0xa0 }).map((code) => String.fromCharCode(code)),
    fc.integer({ min: 0x2000, max: 0x206f }).map((code) => String.fromCharCode(code)),
  )
  fc.assert(
    fc.property(fc.string({ unit, maxLength: 50 }), (text) => {
      const shown = escapeForTerminal(text)
      for (const character of shown) {
        const code = character.codePointAt(0) ?? 0
        expect(code < 0x20 || (code >= 0x7f && code < 0xa0)).toBe(false)
        expect(/[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u061c\ud800-\udfff]/u.test(character)).toBe(false)
      }
      expect(escapeForTerminal(shown)).toBe(shown)
    }),
    { numRuns: 500 },
  )
})
