import type { ConformanceCase } from '../conformance/conformance-case.js'

/** Declares one test: `test` of node:test or vitest, or anything like it. */
export type RunnerTest = (title: string, run: () => Promise<void>) => unknown

/** Declares each case as a test. @param prefix what the titles begin with */
export function registerCases(test: RunnerTest, cases: readonly ConformanceCase[], prefix = ''): void {
  for (const { title, run } of cases) void test(`${prefix}${title}`, () => run())
}
