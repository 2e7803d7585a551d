import type { Diagnostic } from '../contract/diagnostic.js'
import type { ModuleSource } from '../contract/janus.js'
import type { ModuleRow } from '../contract/module-row.js'
import type { RunnableModule } from '../contract/runnable-module.js'
import type { JanusErrorCode } from '../errors/codes.js'
import { diagnosticOf, janusError } from '../errors/janus-error.js'
import type { AskingUser } from './asking-user.js'
import type { DiscoveredModule } from './discovered-module.js'
import type { loadModule } from './load-module.js'
import { duplicateId, isEnabled, isWhole, moduleNamed, moduleNotFound } from './module-named.js'

/** Modules that were loaded, and what kept the others from it. */
export interface LoadedModules {
  readonly modules: readonly RunnableModule[]
  readonly diagnostics: readonly Diagnostic[]
}

/** The modules of some sources: found once, imported when asked for. */
export interface ModuleRegistry {
  /** Every module found, one row each; nothing is imported for it. */
  rows(): Promise<readonly ModuleRow[]>
  /** The same as they were found, with where their code lies. */
  found(): Promise<readonly DiscoveredModule[]>
  /**
   * The module that an id stands for, as it was found; {@link load} loads the same one.
   * @throws JANUS_MODULE_NOT_FOUND with the nearest name; JANUS_MODULE_ID_DUPLICATE naming the places
   */
  find(id: string): Promise<DiscoveredModule>
  /** Its row. Throws what {@link find} throws. */
  row(id: string): Promise<ModuleRow>
  /**
   * Loads one module.
   * @throws JANUS_MODULE_NOT_FOUND with the nearest name, JANUS_MODULE_NOT_ENABLED, JANUS_MODULE_ID_DUPLICATE, or why it
   * cannot be loaded
   */
  load(id: string): Promise<RunnableModule>
  /**
   * Loads all modules that are enabled, or those named, side by side. One that cannot be loaded costs a diagnostic, never
   * the others.
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

/** What a registry is made of. */
export interface ModuleRegistrySettings {
  readonly sources: readonly ModuleSource[]
  /** For whom modules are looked for. */
  readonly user: () => Promise<AskingUser>
  /** Loads what was found; core's loader where nothing is given. */
  readonly load?: (found: DiscoveredModule) => ReturnType<typeof loadModule>
}

/** Makes the registry of some sources; nothing is read before it is asked. */
export function createModuleRegistry({ sources, user, load = loadAlone }: ModuleRegistrySettings): ModuleRegistry {
  let discovered: Promise<readonly Entry[]> | undefined

  function entries(): Promise<readonly Entry[]> {
    discovered ??= user().then((asking) => discoverEntries(sources, asking))
    return discovered
  }

  async function loadEntry(entry: Entry): Promise<RunnableModule> {
    if (!isEnabled(entry.found)) throw notEnabled(entry)
    const [blocked] = entry.blocked
    if (blocked !== undefined)
      throw janusError('JANUS_MODULE_ID_DUPLICATE', blocked.summary, { module: entry.found.id })
    entry.loading ??= loadOnce(entry, load)
    return entry.loading
  }

  async function one(id: string): Promise<Entry> {
    const all = await entries()
    const found = moduleNamed(
      id,
      all.map((entry) => entry.found),
    )
    const entry = all.find((candidate) => candidate.found === found)
    if (entry === undefined) throw janusError('JANUS_INTERNAL', `module ${id} was found but is not listed`)
    return entry
  }

  /** All that are enabled, so that each costs a diagnostic at most. */
  async function named(id: string): Promise<readonly Entry[]> {
    const all = await entries()
    const same = all.filter((entry) => entry.found.id === id)
    if (same.length === 0)
      throw moduleNotFound(
        id,
        all.map((entry) => entry.found),
      )
    const enabled = same.filter((entry) => isEnabled(entry.found))
    return enabled.length > 0 ? enabled : [await one(id)]
  }

  return {
    rows: async () => (await entries()).map(rowOf),
    found: async () => (await entries()).map(({ found }) => found),
    find: async (id) => (await one(id)).found,
    row: async (id) => rowOf(await one(id)),
    load: async (id) => loadEntry(await one(id)),
    async loadAll(ids) {
      const wanted =
        ids === undefined
          ? (await entries()).filter((entry) => isEnabled(entry.found))
          : (await Promise.all([...new Set(ids)].map(named))).flat()
      const settled = await Promise.allSettled(wanted.map(loadEntry))
      return {
        modules: settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
        diagnostics: settled.flatMap((result) => (result.status === 'rejected' ? [diagnosticOf(result.reason)] : [])),
      }
    },
  }
}

/** Discovery brings the schema library with it, so it is imported when somebody asks. */
async function discoverEntries(sources: readonly ModuleSource[], user: AskingUser): Promise<readonly Entry[]> {
  const { discoverModules } = await import('./discover.js')
  const modules = await discoverModules(sources, user)
  return modules.map((found) => ({ found, blocked: duplicatesOf(found, modules) }))
}

async function loadAlone(found: DiscoveredModule): Promise<RunnableModule> {
  const loader = await import('./load-module.js')
  return loader.loadModule(found)
}

/** Only modules that would run get into each other's way. */
function duplicatesOf(found: DiscoveredModule, modules: readonly DiscoveredModule[]): readonly Diagnostic[] {
  const counts = (module: DiscoveredModule): boolean => isEnabled(module) && isWhole(module)
  if (!counts(found)) return []
  const same = modules.filter((other) => other.id === found.id && counts(other))
  return same.length === 1 ? [] : [diagnosticOf(duplicateId(found.id, same))]
}

async function loadOnce(
  entry: Entry,
  load: (found: DiscoveredModule) => Promise<RunnableModule>,
): Promise<RunnableModule> {
  try {
    const module = await load(entry.found)
    entry.outcome = { module }
    return module
  } catch (error) {
    entry.outcome = { diagnostic: diagnosticOf(error) }
    throw error
  }
}

/** What keeps a module that may be whole from running. */
const BLOCKING: ReadonlySet<string> = new Set<JanusErrorCode>([
  'JANUS_MODULE_ID_DUPLICATE',
  'JANUS_MODULE_INTEGRITY',
  'JANUS_MODULE_PATH_UNSAFE',
  'JANUS_SANDBOX_UNAVAILABLE',
  'JANUS_SANDBOX_BIND_REFUSED',
])

function rowOf(entry: Entry): ModuleRow {
  const { found, blocked, outcome } = entry
  const loaded = outcome !== undefined && 'module' in outcome ? outcome.module : undefined
  const { id, source, path } = found
  const { type, version } = loaded?.metadata ?? found
  const summary = (found.module ?? loaded)?.metadata.summary ?? found.summary
  const failure = outcome !== undefined && 'diagnostic' in outcome ? [outcome.diagnostic] : []
  const isBroken = found.diagnostics.some(({ severity }) => severity === 'error')
  const diagnostics = [...found.diagnostics, ...(isBroken ? [] : failure), ...blocked]
  return {
    id,
    type,
    version,
    status: statusOf(entry, diagnostics),
    source,
    isolation: loaded?.isolation ?? found.isolation ?? 'sandbox',
    trusted: loaded?.trusted ?? found.trusted ?? false,
    ...(path === undefined ? {} : { path }),
    ...(summary === undefined ? {} : { summary }),
    diagnostics,
  }
}

function statusOf(entry: Entry, diagnostics: readonly Diagnostic[]): ModuleRow['status'] {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  if (errors.length > 0) return errors.every(({ code }) => BLOCKING.has(code)) ? 'blocked' : 'failed'
  if (!isEnabled(entry.found)) return 'available'
  return entry.outcome === undefined ? 'enabled' : 'ready'
}

function notEnabled({ found }: Entry): Error {
  const known = found.diagnostics.find(({ severity }) => severity === 'error')
  if (known !== undefined && known.code !== 'JANUS_MODULE_NOT_ENABLED')
    return janusError(known.code as JanusErrorCode, known.summary, { module: found.id })
  const message = `module ${found.id} was found in ${found.path ?? found.source}, but nobody named it`
  const remedy = `Name it: --module ${found.source}, or in the modules of a configuration file.`
  return janusError('JANUS_MODULE_NOT_ENABLED', message, { module: found.id, remedy })
}
