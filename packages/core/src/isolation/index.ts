export { createModuleIsolation, type ModuleIsolation, type ModuleIsolationSettings } from './module-isolation.js'
export type { ModuleLimits } from './run-child.js'
