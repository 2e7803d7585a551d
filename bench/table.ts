/** One measured thing. */
export interface BenchRow {
  readonly what: string
  readonly value: string
  /** What it is measured against: `budget 1.3 × node`. */
  readonly against?: string
  readonly verdict?: 'within' | 'over'
}

/** Rows under a heading, in columns. */
export function benchTable(heading: string, rows: readonly BenchRow[]): string {
  const width = (pick: (row: BenchRow) => string): number => Math.max(...rows.map((row) => pick(row).length))
  const [what, value, against] = [
    width((row) => row.what),
    width((row) => row.value),
    width((row) => row.against ?? ''),
  ]
  const lines = rows.map((row) =>
    [row.what.padEnd(what), row.value.padStart(value), (row.against ?? '').padEnd(against), row.verdict ?? '']
      .join('  ')
      .trimEnd(),
  )
  return [heading, ...lines.map((line) => `  ${line}`), ''].join('\n')
}
