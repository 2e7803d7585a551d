import type { Host } from '../contract/host.js'

/** Where systemd keeps control groups: cgroup v2, and the two layouts with v1. */
const HIERARCHIES = ['/sys/fs/cgroup', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/systemd']
/** `a-b-c.slice` lies in `a-b.slice` in `a.slice`: nobody nests them deeper by hand, and a listing stays bounded. */
const MOST_LEVELS = 8
const MOST_SLICES = 1_000

/**
 * Finds units of systemd that run, by their control groups, so that nobody has to be asked (systemd.slice(5)): a service,
 * scope or socket has one for as long as it runs. Instances of a template lie in a slice of their own, and `Slice=` puts a
 * unit anywhere.
 * @param names names of units, with their type
 * @returns the control group of each that runs; units without one (targets, timers, paths) are never found
 */
export async function readSystemdUnits(host: Host, names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const hierarchy of HIERARCHIES) {
    for (const name of names) {
      const group = found.has(name) ? undefined : await usualGroup(host, hierarchy, name)
      if (group !== undefined) found.set(name, group)
    }
  }
  for (const hierarchy of HIERARCHIES) {
    const missing = new Set(names.filter((name) => !found.has(name)))
    if (missing.size > 0) await searchSlices(host, hierarchy, missing, found)
  }
  return found
}

/** Where a unit is that says nothing of a slice: asked by name, which a captured host answers too. */
async function usualGroup(host: Host, hierarchy: string, name: string): Promise<string | undefined> {
  const template = /^([^@]+)@/.exec(name)?.[1]
  const slices = ['system.slice']
  if (template !== undefined) slices.unshift(`system.slice/system-${template.replaceAll('-', '\\x2d')}.slice`)
  for (const slice of slices) {
    const path = `${hierarchy}/${slice}/${name}`
    if (await host.exists(path)) return path
  }
  return undefined
}

async function searchSlices(
  host: Host,
  hierarchy: string,
  missing: ReadonlySet<string>,
  found: Map<string, string>,
): Promise<void> {
  let slices: readonly string[] = [hierarchy]
  let seen = 0
  for (let level = 0; level < MOST_LEVELS && slices.length > 0 && seen < MOST_SLICES; level += 1) {
    const below: string[] = []
    for (const slice of slices) {
      seen += 1
      for (const entry of (await host.list(slice)).value ?? []) {
        if (entry.endsWith('.slice')) below.push(`${slice}/${entry}`)
        if (missing.has(entry) && !found.has(entry)) found.set(entry, `${slice}/${entry}`)
      }
    }
    slices = below
  }
}
