import { nearestName } from '../config-text/nearest-name.js'
import type { ModuleMetadata } from '../contract/module.js'
import type { ProfileEntry } from '../contract/profile.js'
import { janusError } from '../errors/janus-error.js'

/** A module of a profile with what it says of its place. */
export interface OrderedModule {
  readonly entry: ProfileEntry
  readonly metadata: Pick<ModuleMetadata, 'before' | 'after'>
}

/**
 * Brings the modules of a profile into the order in which they depend on each other: what the modules say themselves, and
 * the `after` of the profile. Those that nothing orders stay as they are in the file.
 * @throws JANUS_CONFIG_INVALID for an `after` that names no module of the profile, or the modules of a circle
 */
export function orderModules<Module extends OrderedModule>(modules: readonly Module[]): readonly Module[] {
  requireNames(modules.map(({ entry }) => entry))
  const waiting = new Map(modules.map((module) => [module, predecessorsOf(module, modules)]))
  const ordered: Module[] = []
  while (waiting.size > 0) {
    const next = [...waiting].find(([, predecessors]) => predecessors.every((module) => !waiting.has(module)))?.[0]
    if (next === undefined) throw circleError(waiting)
    waiting.delete(next)
    ordered.push(next)
  }
  return ordered
}

function requireNames(entries: readonly ProfileEntry[]): void {
  const ids = entries.map(({ module }) => module)
  for (const [index, { module, after = [] }] of entries.entries()) {
    const field = `modules[${index}].after`
    if (after.includes(module)) throw invalid(`${field}: ${module} cannot come after itself`, field)
    const unknown = after.find((id) => !ids.includes(id))
    if (unknown === undefined) continue
    const near = nearestName(unknown, ids)
    throw invalid(`${field}: the profile names no module ${unknown}${near === undefined ? '' : `; ${near}?`}`, field)
  }
}

function predecessorsOf<Module extends OrderedModule>(module: Module, all: readonly Module[]): readonly Module[] {
  const { entry, metadata } = module
  return all.filter((other) => {
    if (other.entry.module === entry.module) return false
    const named = [...(entry.after ?? []), ...(metadata.after ?? [])].includes(other.entry.module)
    return named || (other.metadata.before ?? []).includes(entry.module)
  })
}

/** Whoever still waits has somebody before it who waits too: following them leads into a circle. */
function circleError(waiting: ReadonlyMap<OrderedModule, readonly OrderedModule[]>): Error {
  const trail: OrderedModule[] = []
  let next = waiting.keys().next().value
  while (next !== undefined && !trail.includes(next)) {
    trail.push(next)
    next = waiting.get(next)?.find((module) => waiting.has(module))
  }
  const circle = trail.slice(next === undefined ? 0 : trail.indexOf(next)).reverse()
  const names = [...circle, circle[0]].flatMap((module) => module?.entry.module ?? [])
  return invalid(`the modules cannot be ordered, each of these comes before the next: ${names.join(', ')}`, 'modules')
}

function invalid(message: string, field: string): Error {
  return janusError('JANUS_CONFIG_INVALID', message, { data: { field } })
}
