import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { allowedOf, createRequestBudget } from '../../src/index.js'
import { covers, parseDomainEntry } from '../../src/network/domain-entry.js'
import { settableClock } from '../support/settable-clock.js'

describe('the domains of a run', () => {
  test.each<[string, readonly string[], readonly string[], readonly string[], readonly string[]]>([
    ['nothing is allowed', ['a.test'], [], [], ['a.test']],
    ['nothing is wanted', [], ['a.test'], [], []],
    ['the same name', ['a.test'], ['a.test'], ['a.test'], []],
    ['a name below it', ['b.a.test'], ['a.test'], ['b.a.test'], []],
    ['a name that only ends like it', ['evil-a.test'], ['a.test'], [], ['evil-a.test']],
    ['a name that goes on behind it', ['a.test.evil.test'], ['a.test'], [], ['a.test.evil.test']],
    ['the name above it', ['test'], ['a.test'], [], ['test']],
    ['everything below it', ['*.a.test'], ['a.test'], ['*.a.test'], []],
    ['everything below, and only that is allowed', ['*.a.test'], ['*.a.test'], ['*.a.test'], []],
    ['the name where only what is below is allowed', ['a.test'], ['*.a.test'], [], ['a.test']],
    ['everything below where one name is allowed', ['*.a.test'], ['b.a.test'], [], ['*.a.test']],
    ['one port of the usual ones', ['a.test:443'], ['a.test'], ['a.test:443'], []],
    ['another port', ['a.test:8443'], ['a.test'], [], ['a.test:8443']],
    ['a port that is allowed by number', ['a.test:8443'], ['a.test:8443'], ['a.test:8443'], []],
    ['both usual ports where one is allowed', ['a.test'], ['a.test:443'], ['a.test:443'], []],
    ['other letters', ['BÜCHER.example.'], ['xn--bcher-kva.example'], ['xn--bcher-kva.example'], []],
    ['some of them', ['b.test', 'a.test', 'c.test'], ['a.test', 'b.test'], ['a.test', 'b.test'], ['c.test']],
  ])('%s', (_, action, allowed, domains, refused) => {
    expect(allowedOf(action, allowed)).toEqual({ domains, refused })
  })

  test.each([
    '10.0.0.1',
    '[::1]',
    '2130706433',
    '*',
    '*.',
    '',
    'a.test:0',
    'a.test:99999',
    'http://a.test',
    'a b',
    'a.test/x',
  ])('%j is no domain', (entry) => {
    expect(() => allowedOf([entry], ['a.test'])).toThrow(
      expect.objectContaining({ code: 'JANUS_AGENT_NETWORK_REFUSED' }),
    )
    expect(() => allowedOf(['a.test'], [entry])).toThrow(
      expect.objectContaining({ code: 'JANUS_AGENT_NETWORK_REFUSED' }),
    )
  })

  test('reach nothing that the action or the operator did not name', () => {
    const host = fc
      .array(fc.constantFrom('a', 'b', 'test'), { minLength: 1, maxLength: 3 })
      .map((labels) => labels.join('.'))
    const entry = fc
      .tuple(fc.constantFrom('', '*.'), host, fc.constantFrom('', ':80', ':8080'))
      .map((parts) => parts.join(''))
    const list = fc.array(entry, { maxLength: 4 })
    fc.assert(
      fc.property(list, list, host, fc.constantFrom(80, 443, 8080), (action, allowed, name, port) => {
        const to = { host: name, port }
        const given = allowedOf(action, allowed).domains.map(parseDomainEntry)
        if (!given.some((each) => covers(each, to))) return
        expect(action.map(parseDomainEntry).some((each) => covers(each, to))).toBe(true)
        const permits = allowed
          .map(parseDomainEntry)
          .some(({ host: wide, ports }) => ports.includes(port) && (name === wide || name.endsWith(`.${wide}`)))
        expect(permits).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('an entry of a run', () => {
  test.each([
    ['a.test', 'a.test', 443, true],
    ['a.test', 'a.test', 8443, false],
    ['a.test', 'b.a.test', 443, false],
    ['a.test:8443', 'a.test', 8443, true],
    ['a.test:8443', 'a.test', 443, false],
    ['*.a.test', 'b.a.test', 443, true],
    ['*.a.test', 'c.b.a.test', 80, true],
    ['*.a.test', 'a.test', 443, false],
    ['*.a.test', 'evila.test', 443, false],
    ['*.a.test', 'a.test.evil.test', 443, false],
  ])('%s, asked for %s on port %i', (entry, host, port, covered) => {
    expect(covers(parseDomainEntry(entry), { host, port })).toBe(covered)
  })
})

describe('the budget of requests', () => {
  test('is for a minute that slides, and an hour', () => {
    const clock = settableClock()
    const budget = createRequestBudget(clock, { perMinute: 2, perHour: 3 })
    const take = () => budget.take() ?? 'taken'
    expect([take(), take(), take()]).toEqual(['taken', 'taken', '2 requests were made within a minute'])
    clock.pass(60)
    expect([take(), take()]).toEqual(['taken', '3 requests were made within an hour'])
    clock.pass(3_540)
    expect([take(), take(), take()]).toEqual(['taken', 'taken', '3 requests were made within an hour'])
  })

  test('does not grow when the wall clock is set', () => {
    const clock = settableClock()
    const budget = createRequestBudget(clock, { perMinute: 1, perHour: 1 })
    expect(budget.take()).toBeUndefined()
    clock.set('2030-01-01T00:00:00.000Z')
    expect(budget.take()).toBeDefined()
  })
})
