import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ALL_SUBJECTS } from '../../bench/all-subjects.js'
import type { BenchReport } from '../../bench/report/bench-report.js'
import type { MeasuredRow, RowDefinition, UnmeasuredRow } from '../../bench/report/bench-row.js'
import { rowId } from '../../bench/report/bench-subject.js'
import { renderTarget } from '../../bench/report/render-rows.js'
import { repository } from '../../scripts/workspace.js'

const page = await readFile(join(repository, 'docs/performance.md'), 'utf8')
const rows: readonly (readonly [id: string, row: RowDefinition])[] = ALL_SUBJECTS.flatMap((subject) =>
  Object.entries(subject.rows).map(([key, row]): [string, RowDefinition] => [rowId(subject, key), row]),
)

describe('the page on performance', () => {
  test('explains each row of the bench once, in the order of the table: what, against what, which target', () => {
    const explained = [...page.matchAll(/^\| `([a-z0-9.-]+\.[a-z0-9.-]+)` \|(.*)\|$/gm)]
    const cells = explained.map(([, id = '', rest = '']) => [id, ...rest.split('|').slice(0, 3).map(trimmed)])
    expect(cells).toEqual(
      rows.map(([id, { what, calibration = '', target, unit }]) => [
        id,
        what,
        calibration,
        target ? renderTarget(target, unit) : '',
      ]),
    )
  })

  test('says of each target where it comes from', () => {
    const lines = page.split('\n')
    const withTarget = rows.filter(([, { target }]) => target !== undefined)
    const unexplained = withTarget.filter(([id]) => {
      const line = lines.find((text) => text.startsWith(`| \`${id}\` |`)) ?? ''
      return trimmed(line.split('|')[5] ?? '') === ''
    })
    expect(unexplained.map(([id]) => id)).toEqual([])
  })

  test('names every option of the command', async () => {
    const source = await readFile(join(repository, 'bench/run.ts'), 'utf8')
    const usage = /const USAGE = `([^`]*)`/.exec(source)?.[1] ?? ''
    const options = [...usage.matchAll(/^ {2}(--[a-z-]+)/gm)].map(([, option]) => option)
    expect(options.length).toBeGreaterThan(3)
    expect(options.filter((option) => !page.includes(`| \`${option}`))).toEqual([])
  })

  test('names every field of the report', () => {
    const names: Readonly<Record<keyof BenchReport | keyof MeasuredRow | keyof UnmeasuredRow, true>> = {
      schema: true,
      startedAt: true,
      quick: true,
      environment: true,
      rows: true,
      id: true,
      what: true,
      value: true,
      unit: true,
      calibration: true,
      ratio: true,
      target: true,
      verdict: true,
      because: true,
    }
    expect(Object.keys(names).filter((name) => !new RegExp(`\`[^\`]*\\b${name}\\b[^\`]*\``).test(page))).toEqual([])
  })
})

test('ids of rows are unique', () => {
  expect(new Set(rows.map(([id]) => id)).size).toBe(rows.length)
})

test('a row of which a ratio or an excess is wanted names its calibration', () => {
  const wanting = rows.filter(([, { target }]) => target !== undefined && target.of !== 'value')
  expect(wanting.filter(([, { calibration }]) => calibration === undefined)).toEqual([])
})

function trimmed(text: string): string {
  return text.trim()
}
