import type { Diagnostic } from '../contract/diagnostic.js'
import type { ModuleSource } from '../contract/janus.js'
import type { ModuleRow } from '../contract/module-row.js'
import type { RunnableModule } from '../contract/runnable-module.js'
import { diagnosticOf, janusError } from '../errors/janus-error.js'
import type { DiscoveredModule } from './discovered-module.js'
import { nearestName } from './nearest-name.js'

/** Modules that were loaded, and what kept the others from it. */
export interface LoadedModules {
  readonly modules: readonly RunnableModule[]
  readonly diagnostics: readonly Diagnostic[]
}

/** The modules of some sources: found once, imported when asked for. */
export interface ModuleRegistry {
  /** Every module found, one row each; nothing is imported for it. */
  rows(): Promise<readonly ModuleRow[]>
  /**
   * Imports one module.
   * @throws JANUS_MODULE_NOT_FOUND with the nearest name, JANUS_MODULE_ID_DUPLICATE, or why it cannot be loaded
   */
  load(id: string): Promise<RunnableModule>
  /**
   * Imports all modules, or those named, side by side. One that cannot be loaded costs a diagnostic, never the others.
   * @throws JANUS_MODULE_NOT_FOUND when a name is given that no module has
   */
  loadAll(ids?: readonly string[]): Promise<LoadedModules>
}

/** A module with what became of it so far. */
interface Entry {
  readonly found: DiscoveredModule
  readonly blocked: readonly Diagnostic[]
  loading?: Promise<RunnableModule>
  outcome?: { readonly module: RunnableModule } | { readonly diagnostic: Diagnostic }
}

/** Makes the registry of these sources; nothing is read before it is asked. */
export function createModuleRegistry(sources: readonly ModuleSource[]): ModuleRegistry {
  let discovered: Promise<readonly Entry[]> | undefined

  function entries(): Promise<readonly Entry[]> {
    discovered ??= discoverEntries(sources)
    return discovered
  }

  async function named(id: string): Promise<readonly Entry[]> {
    const all = await entries()
    const found = all.filter((entry) => entry.found.id === id)
    if (found.length > 0) return found
    throw notFound(id, all)
  }

  return {
    rows: async () => (await entries()).map(rowOf),
    async load(id) {
      const [entry] = await named(id)
      if (entry === undefined) throw notFound(id, [])
      return loadEntry(entry)
    },
    async loadAll(ids) {
      const wanted = ids === undefined ? await entries() : (await Promise.all([...new Set(ids)].map(named))).flat()
      const settled = await Promise.allSettled(wanted.map(loadEntry))
      return {
        modules: settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
        diagnostics: settled.flatMap((result) => (result.status === 'rejected' ? [diagnosticOf(result.reason)] : [])),
      }
    },
  }
}

/** Discovery brings the schema library with it, so it is imported when somebody asks. */
async function discoverEntries(sources: readonly ModuleSource[]): Promise<readonly Entry[]> {
  const { discoverModules } = await import('./discover.js')
  const modules = await discoverModules(sources)
  return modules.map((found) => ({ found, blocked: duplicatesOf(found, modules) }))
}

function duplicatesOf(found: DiscoveredModule, modules: readonly DiscoveredModule[]): readonly Diagnostic[] {
  if (found.diagnostics.length > 0) return []
  const same = modules.filter((other) => other.id === found.id && other.diagnostics.length === 0)
  if (same.length === 1) return []
  const places = same.map((module) => module.path ?? 'a module that was handed over')
  const message = `${same.length} modules are called ${found.id}, so none of them is used: ${places.join(' and ')}`
  return [diagnosticOf(janusError('JANUS_MODULE_ID_DUPLICATE', message, { module: found.id }))]
}

async function loadEntry(entry: Entry): Promise<RunnableModule> {
  const [blocked] = entry.blocked
  if (blocked !== undefined) throw janusError('JANUS_MODULE_ID_DUPLICATE', blocked.summary, { module: entry.found.id })
  entry.loading ??= loadOnce(entry)
  return entry.loading
}

async function loadOnce(entry: Entry): Promise<RunnableModule> {
  try {
    const { loadModule } = await import('./load-module.js')
    const module = await loadModule(entry.found)
    entry.outcome = { module }
    return module
  } catch (error) {
    entry.outcome = { diagnostic: diagnosticOf(error) }
    throw error
  }
}

function rowOf({ found, blocked, outcome }: Entry): ModuleRow {
  const { id, type, version, source, path } = found
  const loaded = outcome !== undefined && 'module' in outcome ? outcome.module : undefined
  const summary = (found.module ?? loaded)?.metadata.summary
  const failure = outcome !== undefined && 'diagnostic' in outcome ? [outcome.diagnostic] : []
  const own = found.diagnostics.length > 0 ? found.diagnostics : failure
  return {
    id,
    type,
    version,
    status: own.length > 0 ? 'failed' : blocked.length > 0 ? 'blocked' : outcome !== undefined ? 'ready' : 'enabled',
    source,
    ...(path === undefined ? {} : { path }),
    ...(summary === undefined ? {} : { summary }),
    diagnostics: [...own, ...blocked],
  }
}

function notFound(id: string, entries: readonly Entry[]): Error {
  const names = [...new Set(entries.map((entry) => entry.found.id))]
  const nearest = nearestName(id, names)
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`
  return janusError('JANUS_MODULE_NOT_FOUND', `there is no module ${JSON.stringify(id)}${hint}`, {
    module: id,
    data: { known: names },
  })
}
