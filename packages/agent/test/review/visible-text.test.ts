import { expect, test } from 'vitest'
import { visibleLine } from '../../src/index.js'

test('attack 13: a host in other letters is shown as it is asked for, whatever its scheme begins with', () => {
  for (const scheme of ['https', '1http', '-x+http', 'éhttp'])
    expect(visibleLine(`see ${scheme}://p\u0430ypal.com/x`)).toContain('://xn--pypal-4ve.com [written as')
})

test('a long word takes no longer to make visible than its length says', () => {
  // Walked through from each of its characters it would take longer than any test may.
  const word = 'a'.repeat(500_000)
  expect(visibleLine(`${word} http://p\u0430ypal.com`).slice(word.length)).toContain('xn--pypal-4ve.com')
})
