export { type CreateExecutor, type ExecutorSuiteOptions, executorCases, executorSuite } from './executor-suite.js'
export {
  type CreateHost,
  type HostSuiteOptions,
  type HostTraits,
  type HostTree,
  type HostTreeEntry,
  type HostUnderTest,
  hostCases,
  hostSuite,
} from './host-suite.js'
export {
  type CreateLogger,
  type LoggerSuiteOptions,
  type LoggerTraits,
  type LoggerUnderTest,
  loggerCases,
  loggerSuite,
} from './logger-suite.js'
export type { RunnerTest } from './register-cases.js'
