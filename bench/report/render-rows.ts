import type { BenchRow, MeasuredRow, Target, Unit } from './bench-row.js'

const HEADINGS = ['row', 'measured', 'of', 'against', 'ratio', 'target', 'verdict']
const NUMBERS = new Set(['measured', 'ratio'])
const SYMBOL = { 'at-most': '≤', 'at-least': '≥' } as const

/** The rows as one table, in columns. What could not be measured says why below it. */
export function renderRows(rows: readonly BenchRow[]): string {
  const cells = [HEADINGS, ...rows.map(cellsOf)]
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const lines = cells.map((row) =>
    row
      .map((cell, column) => padded(cell, column, widths))
      .join('  ')
      .trimEnd(),
  )
  return `${[...lines, ...reasons(rows)].join('\n')}\n`
}

/** `12.3 ms`; an exponent is `n^1.02`. */
export function renderNumber(value: number, unit: Unit): string {
  if (unit === 'exponent') return `n^${value.toFixed(2)}`
  return unit === '/s' ? `${digits(value)}/s` : `${digits(value)} ${unit}`
}

/** `ratio ≤ 1.3`, `≥ 150/s`, `excess ≤ 6 ms`. */
export function renderTarget({ of, bound, limit }: Target, unit: Unit): string {
  const number = of === 'ratio' ? `${Number(limit.toFixed(3))}` : exact(limit, unit)
  return `${of === 'value' ? '' : `${of} `}${SYMBOL[bound]} ${number}`
}

/** `41 met, 2 missed, 1 failed, 0 skipped, 30 without a target`. */
export function renderTally(rows: readonly BenchRow[]): string {
  const count = (verdict: BenchRow['verdict']): number => rows.filter((row) => row.verdict === verdict).length
  const judged = (['met', 'missed', 'failed', 'skipped'] as const).map((verdict) => `${count(verdict)} ${verdict}`)
  return [...judged, `${count(null)} without a target`].join(', ')
}

function cellsOf(row: BenchRow): readonly string[] {
  const target = row.target ? renderTarget(row.target, row.unit) : ''
  if (!isMeasured(row)) return [row.id, '', row.what, '', '', target, row.verdict]
  const { calibration, ratio } = row
  const against = calibration ? `${renderNumber(calibration.value, row.unit)}  ${calibration.what}` : ''
  const measured = renderNumber(row.value, row.unit)
  return [row.id, measured, row.what, against, ratio === null ? '' : ratio.toFixed(2), target, row.verdict ?? '']
}

function reasons(rows: readonly BenchRow[]): readonly string[] {
  const because = new Map<string, string[]>()
  for (const row of rows) {
    if (isMeasured(row)) continue
    const reason = `${row.verdict}: ${row.because.trim()}`
    because.set(reason, [...(because.get(reason) ?? []), row.id])
  }
  return [...because].flatMap(([reason, ids]) => ['', ids.join(', '), `  ${reason.replaceAll('\n', '\n  ')}`])
}

function isMeasured(row: BenchRow): row is MeasuredRow {
  return row.verdict !== 'skipped' && row.verdict !== 'failed'
}

function padded(cell: string, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0
  return NUMBERS.has(HEADINGS[column] ?? '') ? cell.padStart(width) : cell.padEnd(width)
}

/** Three that count, and all of those before the point. */
function digits(value: number): string {
  const size = Math.abs(value)
  const decimals = size < 10 ? 2 : size < 100 ? 1 : 0
  return value.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
}

function exact(limit: number, unit: Unit): string {
  if (unit === 'exponent') return `n^${limit}`
  return unit === '/s' ? `${limit}/s` : `${limit} ${unit}`
}
