import type { ConformanceReport } from '../../contract/conformance-report.js'
import type { JanusModule } from '../../contract/module.js'
import { SUPPORTED_MODULE_API } from '../../contract/symbols.js'
import { createKernelModel, standardMachine } from '../kernel-model/index.js'
import { type Clause, MODULE_CLAUSES } from './clauses.js'
import type { ModuleFixture } from './conformance-case.js'
import { moduleCases } from './module-suite.js'
import { type RunCasesOptions, runCases } from './run-cases.js'

/**
 * Runs the conformance suite on a module without a test runner. Its code runs in this process.
 * @param fixtures machines and options; without any, the standard machine, with options `{}` when the module takes that
 * @throws JANUS_ABORTED when the signal says so
 */
export async function runConformance(
  module: JanusModule,
  fixtures: readonly ModuleFixture[] = standardFixtures(module),
  options: RunCasesOptions = {},
): Promise<ConformanceReport> {
  const { id, version } = module.metadata
  const results = await runCases(moduleCases({ module, fixtures }), options)
  const tried = new Set(results.map((result) => result.id))
  const clauses: readonly (readonly [string, Clause])[] = Object.entries(MODULE_CLAUSES)
  return {
    api: SUPPORTED_MODULE_API[0],
    module: { id, version, kind: 'javascript' },
    results,
    passed: results.filter((result) => result.ok).length,
    total: results.length,
    untried: clauses.filter(([name, clause]) => concerns(clause, module) && !tried.has(name)).map(([name]) => name),
  }
}

/** `Module API v1 conformance: 31/31`. */
export function conformanceLine({ api, passed, total }: Pick<ConformanceReport, 'api' | 'passed' | 'total'>): string {
  return `Module API v${api} conformance: ${passed}/${total}`
}

function standardFixtures(module: JanusModule): readonly ModuleFixture[] {
  const kernel = () => createKernelModel(standardMachine())
  const title = 'the standard machine'
  return [takesNoOptions(module) ? { title, kernel, options: {} } : { title, kernel }]
}

function takesNoOptions({ options }: JanusModule): boolean {
  try {
    return options.safeParse({}).success
  } catch {
    return false
  }
}

function concerns({ scope }: Clause, { supports }: JanusModule): boolean {
  if (scope === 'always') return true
  return supports.apply && (scope === 'apply' || supports.rollback === 'planned')
}
