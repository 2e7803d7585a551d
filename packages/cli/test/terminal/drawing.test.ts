import { describe, expect, test } from 'vitest'
import { drawingOf } from '../../src/terminal/drawing.js'

describe('what can be drawn', () => {
  test.each([
    ['nothing set', {}, false],
    ['a UTF-8 locale', { LANG: 'de_DE.UTF-8' }, true],
    ['as some systems spell it', { LANG: 'C.utf8' }, true],
    ['the plain locale', { LANG: 'C' }, false],
    ['another character set', { LANG: 'de_DE.ISO-8859-1' }, false],
    ['LC_CTYPE over LANG', { LANG: 'C', LC_CTYPE: 'en_GB.UTF-8' }, true],
    ['LC_ALL over both', { LANG: 'C.UTF-8', LC_CTYPE: 'C.UTF-8', LC_ALL: 'POSIX' }, false],
    ['an empty LC_ALL, which says nothing', { LANG: 'C.UTF-8', LC_ALL: '' }, true],
  ])('%s', (_, env, unicode) => {
    expect(drawingOf({}, env)).toEqual({ unicode })
  })

  test('lines are as wide as the terminal, and not wrapped in a pipe or where the width is not known', () => {
    expect(drawingOf({ isTTY: true, columns: 100 }, {})).toEqual({ unicode: false, columns: 100 })
    expect(drawingOf({ isTTY: true, columns: 0 }, {})).toEqual({ unicode: false })
    expect(drawingOf({ columns: 100 }, {})).toEqual({ unicode: false })
  })
})
