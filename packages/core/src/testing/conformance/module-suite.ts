import { type RunnerTest, registerCases } from '../contract-suites/register-cases.js'
import { applyCases } from './apply-cases.js'
import { checkCases } from './check-cases.js'
import type { ConformanceCase, ConformanceSubject } from './conformance-case.js'
import { machineCases } from './machine-cases.js'
import { metadataCases } from './metadata-cases.js'

/** What {@link moduleSuite} takes. */
export interface ModuleSuiteOptions extends ConformanceSubject {
  /** The runner's own: `test` of node:test or vitest, or anything like it. */
  readonly test: RunnerTest
}

/**
 * Registers the conformance suite of Module API v1 for a module, one test per clause and fixture.
 * @example
 * moduleSuite({ test, module: fanCurve, fixtures: [{ title: 'a desktop', host: createMemoryHost({ … }), options: {} }] })
 */
export function moduleSuite(options: ModuleSuiteOptions): void {
  registerCases(options.test, moduleCases(options), `${options.module.metadata.id}: `)
}

/** The same cases for somebody who runs them without a test runner. */
export function moduleCases(subject: ConformanceSubject): readonly ConformanceCase[] {
  return [...metadataCases(subject), ...checkCases(subject), ...applyCases(subject), ...machineCases(subject)]
}
