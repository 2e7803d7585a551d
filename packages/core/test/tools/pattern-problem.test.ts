import { describe, expect, it } from 'vitest'
import { patternProblem } from '../../src/tools/pattern-problem.js'

describe('a pattern of somebody else', () => {
  it.each(['[a-z]{1,32}', 'a+b*c{2}', '(?:a|b)?c', '\\d+\\.\\d+', '[(*+{]{3}', '\\(\\*\\+', '\\p{L}+', 'x'])(
    '%s is taken',
    (pattern) => {
      expect(patternProblem(pattern)).toBeUndefined()
    },
  )

  it.each([
    '(a+)+',
    '(?:a|a)*',
    '(a){2,}',
    '(a)\\1',
    '(?<x>a)',
    '(?=a)',
    '(?!a)',
    '(?<=a)',
    '[',
    'a*b*c*d*',
    'a?b?c?d?e?f?g?h?i?j?k?',
    'x'.repeat(501),
  ])('%s is not', (pattern) => {
    expect(patternProblem(pattern)).toEqual(expect.any(String))
  })

  it('that is taken answers soon, also for the longest text that does not fit', () => {
    expect(/^(?:a+a+a+b)$/u.test('a'.repeat(1024))).toBe(false)
    expect(patternProblem('a+a+a+b')).toBeUndefined()
  })
})
