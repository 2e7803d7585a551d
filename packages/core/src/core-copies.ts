import { fileURLToPath } from 'node:url'

const REGISTRY = Symbol.for('janus.core.instances')

/**
 * Tells every other copy of core in this process that this one is here. Two copies work together; whoever looks for a
 * problem wants to know.
 */
export function registerCore(): void {
  const known = (globalThis as Record<symbol, unknown>)[REGISTRY]
  const places = known instanceof Set ? (known as Set<string>) : new Set<string>()
  places.add(fileURLToPath(import.meta.url))
  if (known !== places)
    Object.defineProperty(globalThis, REGISTRY, { value: places, configurable: true, enumerable: false })
}

/** Files by which copies of core have made themselves known. */
export function registeredCores(): readonly string[] {
  const known = (globalThis as Record<symbol, unknown>)[REGISTRY]
  return known instanceof Set ? [...known].filter((place): place is string => typeof place === 'string') : []
}
