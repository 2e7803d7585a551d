import { describe, expect, test } from 'vitest'
import { benchRow, type Measurement, type RowDefinition, type Target } from '../../bench/report/bench-row.js'

const plain: RowDefinition = { what: 'an append', unit: 'ms' }
const calibrated: RowDefinition = { ...plain, calibration: 'an fsync' }

describe('a row', () => {
  test('has the ratio of what was measured to its calibration', () => {
    expect(row(calibrated, { value: 6, calibration: 4 })).toEqual({
      id: 'ledger.alone',
      what: 'an append',
      value: 6,
      unit: 'ms',
      calibration: { what: 'an fsync', value: 4 },
      ratio: 1.5,
      target: null,
      verdict: null,
    })
  })

  test('without a calibration has no ratio', () => {
    expect(row(plain, { value: 6 })).toMatchObject({ value: 6, calibration: null, ratio: null, verdict: null })
  })

  test.each([
    ['ratio', 'at-most', 1.5, 'met'],
    ['ratio', 'at-most', 1.49, 'missed'],
    ['ratio', 'at-least', 1.5, 'met'],
    ['ratio', 'at-least', 1.51, 'missed'],
    ['value', 'at-most', 6, 'met'],
    ['value', 'at-most', 5.9, 'missed'],
    ['value', 'at-least', 6, 'met'],
    ['value', 'at-least', 6.1, 'missed'],
    ['excess', 'at-most', 2, 'met'],
    ['excess', 'at-most', 1.9, 'missed'],
    ['excess', 'at-least', 2.1, 'missed'],
  ] as const)('of which the %s of 6 against 4 is to be %s %d has %s its target', (of, bound, limit, verdict) => {
    const target: Target = { of, bound, limit }
    expect(row({ ...calibrated, target }, { value: 6, calibration: 4 })).toMatchObject({ target, verdict })
  })

  test('that was skipped says why, and has no number', () => {
    const skipped = row(plain, { skipped: 'there is no bubblewrap' })
    expect(skipped).toMatchObject({ verdict: 'skipped', because: 'there is no bubblewrap' })
    expect(skipped).not.toHaveProperty('value')
  })
})

describe('a row has failed', () => {
  const target: Target = { of: 'ratio', bound: 'at-least', limit: 8 }

  test('whose measuring threw, and says what was thrown', () => {
    const failed = benchRow('ledger.alone', calibrated, () => {
      throw new Error('no space left on device')
    })
    expect(failed).toMatchObject({ id: 'ledger.alone', verdict: 'failed', because: 'no space left on device' })
  })

  test.each([
    [
      'of which no number came',
      calibrated,
      { value: Number.NaN, calibration: 4 },
      /what was measured is no number: NaN/,
    ],
    [
      'of which nothing was measured in any round',
      plain,
      { value: Number.POSITIVE_INFINITY },
      /is no number: Infinity/,
    ],
    ['without its calibration', calibrated, { value: 6 }, /the calibration, an fsync, is no number: undefined/],
    ['whose calibration is nothing', { ...calibrated, target }, { value: 6, calibration: 0 }, /an fsync, is 0/],
    ['with a calibration that it does not name', plain, { value: 6, calibration: 4 }, /does not name/],
    ['of which a ratio is wanted that there is not', { ...plain, target }, { value: 6 }, /target is of the ratio/],
  ] as const)('%s', (_, definition, measurement, because) => {
    expect(row(definition, measurement)).toMatchObject({
      verdict: 'failed',
      because: expect.stringMatching(because) as unknown,
    })
  })
})

function row(definition: RowDefinition, measurement: Measurement) {
  return benchRow('ledger.alone', definition, () => measurement)
}
