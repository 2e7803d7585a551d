import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchRow, benchRow, type Measurement } from './bench-row.js'
import { type BenchContext, type BenchSubject, rowId } from './bench-subject.js'

/** How a run is done. */
export interface BenchRun extends Pick<BenchContext, 'quick' | 'lab'> {
  /** Which rows are wanted. */
  wants(id: string): boolean
  /** Called before a subject is measured. @param index from 0 */
  began?(subject: BenchSubject, index: number): void
  /** Called after each subject, with all rows so far. */
  ended?(rows: readonly BenchRow[]): Promise<void>
}

/**
 * Measures subjects one after another, each in a folder of its own. A subject of which no row is wanted is not measured; one
 * that fails gives rows that failed, and the next one is measured.
 * @returns the wanted rows, in the order of their definitions
 */
export async function measureSubjects(subjects: readonly BenchSubject[], run: BenchRun): Promise<readonly BenchRow[]> {
  const rows: BenchRow[] = []
  for (const [index, subject] of subjectsOf(subjects, run.wants).entries()) {
    run.began?.(subject, index)
    rows.push(...(await rowsOf(subject, run)).filter(({ id }) => run.wants(id)))
    await run.ended?.(rows)
  }
  return rows
}

/** The subjects of which a row is wanted. */
export function subjectsOf(subjects: readonly BenchSubject[], wants: BenchRun['wants']): readonly BenchSubject[] {
  return subjects.filter((subject) => Object.keys(subject.rows).some((key) => wants(rowId(subject, key))))
}

async function rowsOf(subject: BenchSubject, { quick, lab }: BenchRun): Promise<readonly BenchRow[]> {
  const measurements = await measurementsOf(subject, { quick, lab })
  return Object.entries(subject.rows).map(([key, definition]) =>
    benchRow(rowId(subject, key), definition, () => measurements(key)),
  )
}

async function measurementsOf(
  subject: BenchSubject,
  { quick, lab }: Pick<BenchContext, 'quick' | 'lab'>,
): Promise<(key: string) => Measurement> {
  const folder = await mkdtemp(join(tmpdir(), `janus-bench-${subject.id}-`))
  try {
    const home = join(folder, 'home')
    await mkdir(home)
    const context = { folder, quick, lab, env: { HOME: home, PATH: process.env.PATH ?? '' } }
    const because = await subject.unavailable?.(context)
    if (because !== undefined) return () => ({ skipped: because })
    const measured = await subject.measure(context)
    return (key) => measured[key]?.() ?? neverMeasured()
  } catch (error) {
    return () => {
      throw error
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function neverMeasured(): never {
  throw new Error('its subject did not measure it')
}
