import { expect, test } from 'vitest'
import { coverageText, type FileCoverage } from '../scripts/coverage.js'

const file = (path: string, covered: number, total: number): FileCoverage => ({
  path,
  lines: { total, covered },
  branches: { total: 4, covered: 3 },
})

test('coverage is shown by package, weighted by lines, with the files of little coverage, least first', () => {
  const text = coverageText([
    file('packages/core/src/a.ts', 90, 90),
    file('packages/core/src/b.ts', 6, 10),
    file('packages/cli/src/c.ts', 1, 10),
    file('packages/cli/src/types.ts', 0, 0),
  ])
  expect(text.split('\n').slice(1)).toEqual([
    'PACKAGE                  FILES     LINES  BRANCHES',
    'packages/cli                 2    10.0 %    75.0 %',
    'packages/core                2    96.0 %    75.0 %',
    'Under 70 % of the lines:',
    '  10.0 %  packages/cli/src/c.ts',
    '  60.0 %  packages/core/src/b.ts',
  ])
})

test('nothing is named when all is covered well', () => {
  expect(coverageText([file('packages/core/src/a.ts', 7, 10)])).not.toContain('Under')
})
