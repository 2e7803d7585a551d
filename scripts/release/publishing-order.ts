import type { PackedPackage } from '../packed-packages.js'

/**
 * Packages so that each comes after those that it depends on: whoever installs while a release is under way finds all of it.
 * @throws Error when packages depend on each other in a circle
 */
export function publishingOrder(packages: readonly PackedPackage[]): readonly PackedPackage[] {
  const names = new Set(packages.map(({ json }) => json.name))
  const ordered: PackedPackage[] = []
  const waiting = [...packages]
  while (waiting.length > 0) {
    const done = new Set(ordered.map(({ json }) => json.name))
    const at = waiting.findIndex(({ json }) =>
      Object.keys({ ...json.dependencies, ...json.peerDependencies }).every(
        (name) => !names.has(name) || done.has(name),
      ),
    )
    if (at < 0) throw new Error(`these depend on each other: ${waiting.map(({ json }) => json.name).join(', ')}`)
    ordered.push(...waiting.splice(at, 1))
  }
  return ordered
}
