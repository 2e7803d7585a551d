/** In what a number is. An `exponent` is the e of n^e. */
export type Unit = 'ms' | 'MB' | 'bytes' | '/s' | '%' | 'exponent'

/** What is wanted of a row. */
export interface Target {
  /** `value`: the number itself; `ratio`: it divided by its calibration; `excess`: what it is above its calibration. */
  readonly of: 'value' | 'ratio' | 'excess'
  readonly bound: 'at-most' | 'at-least'
  /** In the unit of the row; a ratio has none. */
  readonly limit: number
}

/** What a row is, before anything was measured. */
export interface RowDefinition {
  readonly what: string
  readonly unit: Unit
  /** What is measured in the same run, in the same unit, for the number to be read against. */
  readonly calibration?: string
  readonly target?: Target
}

/** What was measured for a row; `skipped` says why nothing was. */
export type Measurement = { readonly value: number; readonly calibration?: number } | { readonly skipped: string }

/** A row with its numbers. */
export interface MeasuredRow {
  readonly id: string
  readonly what: string
  readonly value: number
  readonly unit: Unit
  readonly calibration: { readonly what: string; readonly value: number } | null
  /** The value divided by that of the calibration. */
  readonly ratio: number | null
  readonly target: Target | null
  /** `null` when nothing is wanted of it. */
  readonly verdict: 'met' | 'missed' | null
}

/** A row without numbers. */
export interface UnmeasuredRow {
  readonly id: string
  readonly what: string
  readonly unit: Unit
  readonly target: Target | null
  /** `skipped`: it cannot be measured here, or was not asked for; `failed`: it should have been. */
  readonly verdict: 'skipped' | 'failed'
  readonly because: string
}

export type BenchRow = MeasuredRow | UnmeasuredRow

/**
 * Puts together what a row is and what was measured for it. Numbers that are missing, or are none, make a row that failed.
 * @param measure called once; what it throws is why the row failed
 */
export function benchRow(id: string, definition: RowDefinition, measure: () => Measurement): BenchRow {
  const { what, unit, target = null } = definition
  try {
    const measured = measure()
    if ('skipped' in measured) return { id, what, unit, target, verdict: 'skipped', because: measured.skipped }
    const calibration = calibrationOf(definition, measured)
    const value = number('what was measured', measured.value)
    const ratio = calibration && value / calibration.value
    const verdict = target && verdictOf(target, value, calibration?.value)
    return { id, what, value, unit, calibration, ratio, target, verdict }
  } catch (error) {
    return { id, what, unit, target, verdict: 'failed', because: error instanceof Error ? error.message : `${error}` }
  }
}

/** A ratio to nothing would be infinite, and meet every target that is a least. */
function calibrationOf(
  { calibration: what }: RowDefinition,
  { calibration }: { readonly calibration?: number },
): MeasuredRow['calibration'] {
  if (what === undefined && calibration === undefined) return null
  if (what === undefined) throw new Error('a calibration was measured that the row does not name')
  const value = number(`the calibration, ${what},`, calibration)
  if (value <= 0) throw new Error(`the calibration, ${what}, is ${value}: nothing can be read against it`)
  return { what, value }
}

function number(what: string, value: number | undefined): number {
  if (value === undefined || !Number.isFinite(value)) throw new Error(`${what} is no number: ${value}`)
  return value
}

function verdictOf({ of, bound, limit }: Target, value: number, calibration: number | undefined): 'met' | 'missed' {
  const judged = judgedNumber(of, value, calibration)
  return (bound === 'at-most' ? judged <= limit : judged >= limit) ? 'met' : 'missed'
}

function judgedNumber(of: Target['of'], value: number, calibration: number | undefined): number {
  if (of === 'value') return value
  if (calibration === undefined) throw new Error(`its target is of the ${of}, and it has no calibration`)
  return of === 'ratio' ? value / calibration : value - calibration
}
