import { type ConformanceCase, runCases } from '../../../src/testing/index.js'

/** Ids of the cases that fail. */
export async function failuresOf(cases: readonly ConformanceCase[]): Promise<readonly string[]> {
  return (await runCases(cases)).filter(({ ok }) => !ok).map(({ id }) => id)
}
