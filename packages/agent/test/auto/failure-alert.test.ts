import { describe, expect, test } from 'vitest'
import { createFailureAlerts, failurePause, type RecentExecution } from '../../src/index.js'

const NOW = new Date('2026-07-01T12:00:00Z')
/** One for each letter, `f` for one that failed, a minute between two of them, the newest now. */
const executions = (letters: string): readonly RecentExecution[] =>
  [...letters].map((letter, index) => ({
    proposal: `janus-${index}`,
    at: new Date(NOW.getTime() - (letters.length - 1 - index) * 60_000).toISOString(),
    failed: letter === 'f',
  }))

/** What was told with each of them, `+` for the begin and `-` for the end. */
function told(letters: string, past = ''): string {
  const all = executions(past + letters)
  const alerts = createFailureAlerts(all.slice(0, past.length))
  return [...letters]
    .map((_letter, index) => {
      const alert = alerts.look(all.slice(0, past.length + index + 1))
      return alert === undefined ? '.' : alert.holds ? '+' : '-'
    })
    .join('')
}

describe('the alert of executions that fail', () => {
  test.each([
    ['ffff', '....', 'fewer than five say nothing'],
    ['.f.ff', '....+', 'five say something'],
    ['......fff', '........+', 'from 30 %'],
    ['......ff', '........', 'not below 30 %'],
    ['fff..f......', '....+.......', 'once'],
    ['fff.................', '....+...............', 'it holds at 15 %'],
    ['fff..................', '....+...............-', 'it ends below 15 %'],
  ])('%s is told %s: %s', (letters, expected) => {
    expect(told(letters)).toBe(expected)
  })

  test('is not told again after a restart, and its end still is', () => {
    expect(told('f.................', 'ff....')).toBe('..............-...')
    expect(told('..............', 'fff....')).toBe('.............-')
  })
})

describe('the pause', () => {
  test.each([
    ['fff', true],
    ['ff', false],
    ['fff.......', true],
    ['fff........', false],
  ])('%s, a minute between two of them: %s', (letters, paused) => {
    expect(failurePause(executions(letters), NOW) !== undefined).toBe(paused)
  })
})
