export type { ConformanceReport, ConformanceResult, TestModuleOptions } from '../contract/conformance-report.js'
export * from './conformance/index.js'
export * from './contract-suites/index.js'
export {
  attribute,
  deviceNode,
  emptyDirectory,
  file,
  link,
  type TreeInput,
  type TreeLeaf,
  unreadable,
} from './file-tree/tree-input.js'
export * from './kernel-model/index.js'
export * from './life-cycle/index.js'
export { createMemoryHost } from './memory-host.js'
export { createMemoryLogger, type MemoryLogEntry, type MemoryLogger } from './memory-logger.js'
export * from './program-conformance/index.js'
export {
  createScriptedExecutor,
  type ExecutorCall,
  type ScriptedCall,
  type ScriptedExecutor,
} from './scripted-executor.js'
export { testModule } from './test-module.js'
export * from './tool-conformance/index.js'
