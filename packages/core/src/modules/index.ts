export type { DiscoveredModule, ModuleCode } from './discovered-module.js'
export { createModuleRegistry, type LoadedModules, type ModuleRegistry } from './module-registry.js'
