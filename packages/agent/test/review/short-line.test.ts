import { expect, test } from 'vitest'
import { shortLine } from '../../src/review/short-line.js'

test('a text that fits stands as it is', () => {
  expect(shortLine('rotate the logs', 15)).toBe('rotate the logs')
})

test('a longer one is cut to the width, its dots included, and never in the middle of a character', () => {
  expect(shortLine('rotate the logs!', 15)).toBe('rotate the l...')
  expect(shortLine('🪵🪵🪵🪵🪵', 4)).toBe('🪵...')
})

test('what a terminal would obey is spelled out before it is cut', () => {
  expect(shortLine('\u001b[2J and more', 8)).toBe('\\x1b[...')
})
