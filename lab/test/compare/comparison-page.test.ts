import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { detailTable, verdictTable } from '../../compare/comparison-tables.js'
import type { Comparison } from '../../compare/observation.js'
import { withSummaryTable } from '../../compare/summary-table.js'
import { verdictOf } from '../../compare/verdict.js'

const recorded = new URL('../../recorded/', import.meta.url)
const page = await readFile(new URL('../../../docs/comparison.md', import.meta.url), 'utf8')
const runs = await readRuns()

describe('docs/comparison.md', () => {
  test.each(runs)('shows the recorded run on $kernel, unedited', (run) => {
    expect(page).toContain(verdictTable(run))
    expect(page).toContain(run.kernel)
  })

  test('shows one recorded run in every detail', () => {
    expect(runs.some((run) => page.includes(detailTable(run)))).toBe(true)
  })

  test('names the version of every tool it compares', () => {
    const versions = runs.flatMap((run) => Object.values(run.versions)).filter((version) => version !== null)
    expect(versions.filter((version) => !page.includes(version))).toEqual([])
  })
})

test('the README has the sums of a recorded run: `npm run docs:console`', async () => {
  const readme = await readFile(new URL('../../../README.md', import.meta.url), 'utf8')
  expect(readme).toContain('<!-- table: comparison -->')
  expect(runs.map((run) => withSummaryTable(readme, run))).toContain(readme)
})

describe('the recorded comparison', () => {
  test.each(runs)('on $kernel: Janus falls into no trap', ({ observations }) => {
    const fallen = observations.filter((observation) => verdictOf(observation) !== 'right')
    expect(fallen.filter(({ tool }) => tool === 'janus')).toEqual([])
    // A rule by which nobody ever falls would prove nothing.
    expect(fallen.length).toBeGreaterThan(0)
  })
})

async function readRuns(): Promise<readonly Comparison[]> {
  const files = (await readdir(recorded)).filter((name) => /^comparison-.*\.json$/.test(name)).sort()
  return await Promise.all(
    files.map(async (name) => JSON.parse(await readFile(new URL(name, recorded), 'utf8')) as Comparison),
  )
}
