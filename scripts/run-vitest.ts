import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FileCoverage, readCoverage } from './coverage.js'
import { runProgram, tool } from './run-program.js'

/** How many tests ended how. */
export interface TestCounts {
  readonly passed: number
  readonly failed: number
  /** Titles of the tests that did not run. */
  readonly skipped: readonly string[]
  /** What of the sources ran, when it was asked for and measured. */
  readonly coverage?: readonly FileCoverage[]
}

interface Report {
  readonly success: boolean
  readonly numTotalTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[]
  }[]
}

/**
 * Runs vitest with its own output on the terminal and counts from its JSON report. A file that could not be run at all
 * counts as one failed test, and so does a run without a report.
 * @param measure whether to measure what of the sources the tests run
 */
export async function runVitest(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  measure = false,
): Promise<TestCounts> {
  const folder = await mkdtemp(join(tmpdir(), 'janus-vitest-'))
  try {
    const reportFile = join(folder, 'report.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`]
    const coverage = measure ? ['--coverage.enabled', `--coverage.reportsDirectory=${join(folder, 'coverage')}`] : []
    const { exitCode } = await runProgram(tool('vitest'), ['run', ...reporters, ...coverage, ...args], {
      env,
      live: true,
    })
    const report = await readReport(reportFile)
    if (!report) return { passed: 0, failed: 1, skipped: [] }
    const measured = measure ? await readCoverage(join(folder, 'coverage')) : undefined
    return { ...withHiddenFailure(count(report), exitCode), ...(measured === undefined ? {} : { coverage: measured }) }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function count({ testResults }: Report): TestCounts {
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults)
  const brokenFiles = testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  )
  // Pending is what vitest was about to run when its worker died.
  const failed = tests.filter(({ status }) => status === 'failed' || status === 'pending')
  return {
    passed: tests.filter(({ status }) => status === 'passed').length,
    failed: failed.length + brokenFiles.length,
    skipped: tests.filter(({ status }) => status === 'skipped' || status === 'todo').map(({ fullName }) => fullName),
  }
}

/** Vitest also fails for errors outside of any test, which the report does not hold. */
function withHiddenFailure(counts: TestCounts, exitCode: number): TestCounts {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

async function readReport(file: string): Promise<Report | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Report)
}
