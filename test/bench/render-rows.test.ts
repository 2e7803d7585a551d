import { describe, expect, test } from 'vitest'
import { type BenchRow, benchRow } from '../../bench/report/bench-row.js'
import { renderNumber, renderRows, renderTally, renderTarget } from '../../bench/report/render-rows.js'

const rows: readonly BenchRow[] = [
  benchRow(
    'start-up.version',
    {
      what: 'janus --version',
      unit: 'ms',
      calibration: 'node -e 0',
      target: { of: 'ratio', bound: 'at-most', limit: 1.3 },
    },
    () => ({ value: 59.9, calibration: 48 }),
  ),
  benchRow(
    'sandbox.sustained',
    { what: 'runs', unit: '/s', target: { of: 'value', bound: 'at-least', limit: 150 } },
    () => ({ value: 1_234.5 }),
  ),
  benchRow('growth.check', { what: 'growth', unit: 'exponent' }, () => ({ value: 0.987 })),
  benchRow('lab.apply', { what: 'apply', unit: 'ms', calibration: 'a script' }, () => ({ skipped: '--no-lab' })),
  benchRow('lab.rollback', { what: 'rollback', unit: 'ms', calibration: 'a script' }, () => ({ skipped: '--no-lab' })),
  benchRow('ledger.alone', { what: 'an append', unit: 'ms' }, () => {
    throw new Error('ENOSPC: no space left\nat a place')
  }),
]

describe('the table', () => {
  test('has one line a row, in columns, and the reasons below it, each once', () => {
    expect(renderRows(rows)).toBe(
      [
        'row                measured  of               against             ratio  target       verdict',
        'start-up.version    59.9 ms  janus --version  48.0 ms  node -e 0   1.25  ratio ≤ 1.3  met',
        'sandbox.sustained   1,235/s  runs                                        ≥ 150/s      met',
        'growth.check         n^0.99  growth',
        'lab.apply                    apply                                                    skipped',
        'lab.rollback                 rollback                                                 skipped',
        'ledger.alone                 an append                                                failed',
        '',
        'lab.apply, lab.rollback',
        '  skipped: --no-lab',
        '',
        'ledger.alone',
        '  failed: ENOSPC: no space left',
        '  at a place',
        '',
      ].join('\n'),
    )
  })

  test('is added up', () => {
    expect(renderTally(rows)).toBe('2 met, 0 missed, 1 failed, 2 skipped, 1 without a target')
  })
})

test.each([
  [0.0123, 'ms', '0.01 ms'],
  [9.994, 'ms', '9.99 ms'],
  [12.34, 'MB', '12.3 MB'],
  [1_234_567.8, 'bytes', '1,234,568 bytes'],
  [0.5, '%', '0.50 %'],
] as const)('%d %s is shown as %s', (value, unit, shown) => {
  expect(renderNumber(value, unit)).toBe(shown)
})

test.each([
  [{ of: 'ratio', bound: 'at-most', limit: 1 / 3 }, 'ms', 'ratio ≤ 0.333'],
  [{ of: 'ratio', bound: 'at-least', limit: 8 }, '/s', 'ratio ≥ 8'],
  [{ of: 'excess', bound: 'at-most', limit: 6 }, 'ms', 'excess ≤ 6 ms'],
  [{ of: 'value', bound: 'at-most', limit: 1.15 }, 'exponent', '≤ n^1.15'],
] as const)('the target %j in %s is shown as %s', (target, unit, shown) => {
  expect(renderTarget(target, unit)).toBe(shown)
})
