import type { ModuleDescription } from '../contract/module-row.js'
import type { ModuleRegistry } from './module-registry.js'

/**
 * Loads a module and says what it takes.
 * @throws what {@link ModuleRegistry.load} throws; JANUS_MODULE_SHAPE_INVALID when its options are no JSON Schema
 */
export async function describeModule(registry: ModuleRegistry, id: string): Promise<ModuleDescription> {
  const module = await registry.load(id)
  return {
    ...(await registry.row(id)),
    compatApi: module.metadata.compatApi,
    supports: module.supports,
    optionsSchema: await module.optionsSchema(),
  }
}
