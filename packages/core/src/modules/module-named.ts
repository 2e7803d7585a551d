import { nearestName } from '../config-text/nearest-name.js'
import { janusError } from '../errors/janus-error.js'
import type { DiscoveredModule } from './discovered-module.js'

/**
 * The module that an id stands for, the same for everybody who asks: one that is enabled and whole before one that is
 * enabled and broken, before one that nobody named.
 * @throws JANUS_MODULE_NOT_FOUND with the nearest name; JANUS_MODULE_ID_DUPLICATE naming the places, when several are meant
 */
export function moduleNamed(id: string, modules: readonly DiscoveredModule[]): DiscoveredModule {
  const [found, ...others] = strongest(modules.filter((module) => module.id === id))
  if (found === undefined) throw moduleNotFound(id, modules)
  if (others.length > 0) throw duplicateId(id, [found, ...others])
  return found
}

/** Of some modules, those that are best entitled to the name they share. */
export function strongest(modules: readonly DiscoveredModule[]): readonly DiscoveredModule[] {
  const enabled = modules.filter(isEnabled)
  const whole = enabled.filter(isWhole)
  return whole.length > 0 ? whole : enabled.length > 0 ? enabled : modules
}

/** True unless nobody named it. */
export function isEnabled({ standing }: DiscoveredModule): boolean {
  return standing !== 'available'
}

/** True unless something is known to be wrong with it. */
export function isWhole({ diagnostics }: DiscoveredModule): boolean {
  return !diagnostics.some(({ severity }) => severity === 'error')
}

/** That no module has this id, with the one that was probably meant. */
export function moduleNotFound(id: string, modules: readonly DiscoveredModule[]): Error {
  const known = [...new Set(modules.map((module) => module.id))]
  const nearest = nearestName(id, known)
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`
  return janusError('JANUS_MODULE_NOT_FOUND', `there is no module ${JSON.stringify(id)}${hint}`, {
    data: { id, known },
  })
}

/** That several modules share an id, and where they are. */
export function duplicateId(id: string, same: readonly DiscoveredModule[]): Error {
  const places = same.map(({ path }) => path ?? 'a module that was handed over')
  const message = `${same.length} modules are called ${id}, so none of them is used: ${places.join(' and ')}`
  return janusError('JANUS_MODULE_ID_DUPLICATE', message, { module: id })
}
