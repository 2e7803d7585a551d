import { describe, expect, test } from 'vitest'
import { renderOpenList } from '../../src/render/choice-list.js'
import { text } from '../../src/render/markup.js'
import { createPalette } from '../../src/render/palette.js'
import { rowCount } from '../../src/render/row-count.js'

const QUESTION = 'Which device is to be given away?'
const palette = createPalette(false)

describe('an open list', () => {
  test.each([
    [80, 24],
    [40, 24],
    [24, 20],
    [20, 30],
  ])('fits a terminal of %d columns and %d rows, wherever the cursor is', (columns, rows) => {
    // A path stays whole: it is wider than a narrow terminal, which breaks it itself.
    const item = (index: number) => text`0000:${index}:00.0 on a driver; used as /dev/disk/by-id/${'x'.repeat(40)}`
    const items = Array.from({ length: 30 }, (_, index) => item(index))
    for (const cursor of items.keys()) {
      const { printable } = renderOpenList(palette, QUESTION, { items, cursor, columns, rows })
      expect(rowCount(printable, columns), printable).toBeLessThan(rows)
      expect(printable).toContain(`> 0000:${cursor}:00.0`)
    }
  })

  test('says how many lie above and below', () => {
    const items = Array.from({ length: 30 }, (_, index) => text`device ${index}`)
    const { printable } = renderOpenList(palette, QUESTION, { items, cursor: 15, columns: 80, rows: 12 })
    const shown = printable.match(/device \d+/g) ?? []
    const outside = [...printable.matchAll(/(\d+) more (?:above|below)/g)].map(([, count]) => Number(count))
    expect(outside).toHaveLength(2)
    expect(shown.length + outside.reduce((sum, count) => sum + count, 0)).toBe(30)
  })
})
