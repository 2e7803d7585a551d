export type { AskingUser } from './asking-user.js'
export type { DiscoveredModule, ModuleCode } from './discovered-module.js'
export {
  createModuleRegistry,
  type LoadedModules,
  type ModuleRegistry,
  type ModuleRegistrySettings,
} from './module-registry.js'
