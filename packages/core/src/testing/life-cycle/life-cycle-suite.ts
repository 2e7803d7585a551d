import type { JanusModule } from '../../contract/module.js'
import type { ConformanceCase, ModuleFixture } from '../conformance/conformance-case.js'
import { type RunnerTest, registerCases } from '../contract-suites/register-cases.js'
import type { KernelModel } from '../kernel-model/index.js'
import { crashCase } from './crash-case.js'
import { wholeLifeCase } from './whole-life-case.js'

/** A machine that a module changes, and what proves that it did. */
export interface LifeCycleFixture extends ModuleFixture {
  readonly kernel: () => KernelModel
  readonly options: unknown
  /** Ids of the findings that are `ok` in a check with these options once it is applied. */
  readonly proves: readonly string[]
}

/** What {@link lifeCycleSuite} takes. */
export interface LifeCycleSuiteOptions {
  /** The runner's own: `test` of node:test or vitest, or anything like it. */
  readonly test: RunnerTest
  readonly module: JanusModule
  readonly fixtures: readonly LifeCycleFixture[]
}

/**
 * Registers the whole life of a module's changes on a machine in memory, one test per phase and fixture: applied, checked, planned again without a
 * change, rolled back; and the process killed before and after each order of the apply, of the rollback and of a recovery,
 * after which `recover` must end in exactly the state before or exactly the state planned. Of every file that a plan makes or removes for the boots to come it
 * wants a condition in `verify`, by which `status` tells when somebody has changed it; an empty `verify` says that people may.
 * @example
 * lifeCycleSuite({ test, module: fanCurve, fixtures: [{ title: 'a desktop', kernel, options: {}, proves: ['fan-curve'] }] })
 */
export function lifeCycleSuite({ test, module, fixtures }: LifeCycleSuiteOptions): void {
  const cases = fixtures.flatMap((fixture): readonly ConformanceCase[] => [
    wholeLifeCase(module, fixture),
    crashCase(module, fixture, 'apply'),
    crashCase(module, fixture, 'rollback'),
    crashCase(module, fixture, 'recover'),
  ])
  registerCases(test, cases, `${module.metadata.id}: `)
}
