import type { PackageJson } from '../workspace.js'

/**
 * What is wrong with the versions and ranges after `changeset version`.
 * @param before the package.json files as they are committed
 * @param after the same as they would be released, in any order
 * @returns one line per fault
 */
export function versionFaults(before: readonly PackageJson[], after: readonly PackageJson[]): readonly string[] {
  const released = new Map(after.map((json) => [json.name, json]))
  const faults = before.flatMap((json) => {
    const next = released.get(json.name)
    return next === undefined ? [`${json.name} is gone`] : versionFault(json, next)
  })
  return [...faults, ...after.flatMap((json) => rangeFaults(json, released))]
}

/** The range in which the packages of the house ask for a peer of that version: whole majors, of which 0 counts as one. */
export function peerRange(version: string): string {
  const [major] = numbers(version)
  return major === 0 ? '>=0.1.0 <1.0.0' : `^${major}.0.0`
}

function versionFault(before: PackageJson, after: PackageJson): readonly string[] {
  const [from, to] = [numbers(before.version), numbers(after.version)]
  if (to[0] > from[0]) return [`${before.name} jumps from ${before.version} to the next major version ${after.version}`]
  const at = [0, 1, 2].find((place) => to[place] !== from[place])
  if (at === undefined || (to[at] ?? 0) > (from[at] ?? 0)) return []
  return [`${before.name} goes back from ${before.version} to ${after.version}`]
}

function rangeFaults(json: PackageJson, released: ReadonlyMap<string, PackageJson>): readonly string[] {
  const expected = (
    name: string,
    wanted: (version: string) => string,
    range: string,
    as: string,
  ): readonly string[] => {
    const version = released.get(name)?.version
    if (version === undefined || range === wanted(version)) return []
    return [`${json.name} asks for ${name} ${range} as a ${as}; with ${version} it is ${wanted(version)}`]
  }
  return [
    ...Object.entries(json.peerDependencies ?? {}).flatMap(([name, range]) => expected(name, peerRange, range, 'peer')),
    ...Object.entries(json.dependencies ?? {}).flatMap(([name, range]) =>
      expected(name, (version) => version, range, 'dependency'),
    ),
  ]
}

function numbers(version: string): readonly [number, number, number] {
  const found = /^(\d+)\.(\d+)\.(\d+)$/.exec(version)
  if (!found) throw new Error(`${version} is not a version of three numbers`)
  return [Number(found[1]), Number(found[2]), Number(found[3])]
}
