import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPalette } from '../../src/render/palette.js'
import { textWidth } from '../../src/render/text-width.js'
import { wrapText } from '../../src/render/wrap-text.js'

describe('a text that is wrapped', () => {
  test('is broken at spaces, and a word that is too wide stays whole', () => {
    expect(wrapText('a card on 0000:03:00.0 of it', 12)).toEqual(['a card on', '0000:03:00.0', 'of it'])
    expect(wrapText('/sys/devices/pci0000:00', 5)).toEqual(['/sys/devices/pci0000:00'])
    expect(wrapText('', 5)).toEqual([''])
  })

  test('keeps the spaces that it begins with, and those between words of a line', () => {
    expect(wrapText('  a  b', 20)).toEqual(['  a  b'])
    expect(wrapText('  note: it is so', 9)).toEqual(['  note:', 'it is so'])
  })

  test('loses no word, and no line is wider than it may be unless it is a single word', () => {
    const words = fc.array(fc.stringMatching(/^[a-z0-9:.漢字]{1,12}$/), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 40 }), (given, columns) => {
        const lines = wrapText(given.join(' '), columns)
        expect(lines.flatMap((line) => line.split(' '))).toEqual(given)
        for (const line of lines) expect(!line.includes(' ') || textWidth(line) <= columns, line).toBe(true)
      }),
    )
  })

  test('ends its colours on each line and sets them again on the next', () => {
    const { bad, title } = createPalette(true)
    const [red, bold] = [bad('one two').printable, title('three four').printable]
    expect(wrapText(`${red} ${bold}`, 5)).toEqual(
      [bad('one'), bad('two'), title('three'), title('four')].map(({ printable }) => printable),
    )
  })
})

test.each([
  ['plain', 5],
  ['\u001b[31mred\u001b[39m', 3],
  ['漢字', 4],
  ['ｆｕｌｌ', 8],
  ['e\u0301', 1],
  ['🦀', 2],
  ['├─ ', 3],
])('%s takes %i columns', (text, columns) => {
  expect(textWidth(text)).toBe(columns)
})
