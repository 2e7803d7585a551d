import assert from 'node:assert/strict'
import type { ConformanceResult, TestModuleOptions } from '../../contract/conformance-report.js'
import { janusError } from '../../errors/janus-error.js'
import type { ConformanceCase } from './conformance-case.js'

const DEADLINE = 60_000
const LONGEST_REASON = 4_000

/** How cases are run without a test runner. */
export type RunCasesOptions = Pick<TestModuleOptions, 'deadline' | 'onResult' | 'signal'>

/**
 * Runs the cases of any of the suites one after the other. A case that fails is a result, never an exception.
 * @throws JANUS_ABORTED when the signal says so
 */
export async function runCases(
  cases: readonly ConformanceCase[],
  options: RunCasesOptions = {},
): Promise<readonly ConformanceResult[]> {
  const results: ConformanceResult[] = []
  for (const { id, title, run } of cases) {
    if (options.signal?.aborted === true) throw janusError('JANUS_ABORTED', `cancelled before the case ${id}`)
    const why = await reasonAgainst(run, options.deadline ?? DEADLINE)
    const result = { id, title, ok: why === undefined, ...(why === undefined ? {} : { why }) }
    results.push(result)
    options.onResult?.(result)
  }
  return results
}

async function reasonAgainst(run: () => Promise<void>, deadline: number): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`it did not end within ${deadline / 1_000} seconds`), deadline)
  })
  try {
    return await Promise.race([run().then(() => undefined), late])
  } catch (error) {
    return reasonOf(error).slice(0, LONGEST_REASON)
  } finally {
    clearTimeout(timer)
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof assert.AssertionError) return error.message
  return `it threw ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`
}
