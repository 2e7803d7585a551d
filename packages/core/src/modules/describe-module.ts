import type { ModuleDescription } from '../contract/module-row.js'
import { janusError } from '../errors/janus-error.js'
import type { ModuleRegistry } from './module-registry.js'

/**
 * Loads a module and says what it takes.
 * @throws what {@link ModuleRegistry.load} throws; JANUS_MODULE_SHAPE_INVALID when its options are no JSON Schema
 */
export async function describeModule(registry: ModuleRegistry, id: string): Promise<ModuleDescription> {
  const module = await registry.load(id)
  const row = (await registry.rows()).find((candidate) => candidate.id === id)
  if (row === undefined) throw janusError('JANUS_INTERNAL', `module ${id} was loaded but is not listed`)
  return {
    ...row,
    compatApi: module.metadata.compatApi,
    supports: module.supports,
    optionsSchema: await module.optionsSchema(),
  }
}
