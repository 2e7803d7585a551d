import { isDeepStrictEqual } from 'node:util'

interface LockFile {
  readonly packages: Readonly<Record<string, unknown>>
}

/**
 * What a release changes in the lock file beside the packages of the house: it is there to fix the rest.
 * @param before text of the lock file as committed
 * @param after the same after the version script
 */
export function lockFaults(before: string, after: string): readonly string[] {
  const [from, to] = [foreignPackages(before), foreignPackages(after)]
  return [...new Set([...from.keys(), ...to.keys()])].flatMap((path) => {
    if (isDeepStrictEqual(from.get(path), to.get(path))) return []
    if (!to.has(path)) return [`the lock file loses ${path}`]
    return [from.has(path) ? `the lock file has another ${path}` : `the lock file gains ${path}`]
  })
}

/** Those at the root, and those that a package of the house has below its own folder because the root has another version. */
function foreignPackages(text: string): ReadonlyMap<string, unknown> {
  const { packages } = JSON.parse(text) as LockFile
  return new Map(Object.entries(packages).filter(([path]) => /(?:^|\/)node_modules\//.test(path)))
}
