export type { ConformanceCase, ConformanceSubject, ModuleFixture } from './conformance-case.js'
export { type ModuleSuiteOptions, moduleCases, moduleSuite } from './module-suite.js'
