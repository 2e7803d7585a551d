import { join } from 'node:path'
import type { ModuleSource } from '../contract/janus.js'
import type { AskingUser } from '../modules/asking-user.js'
import { isObject } from '../modules/package-file.js'
import { type ManifestOfPackage, manifestsOfPackages } from './manifests-of-packages.js'

/** What a package adds to the program: an entry by a name. */
export interface NamedEntry {
  readonly name: string
  readonly summary: string
  /** Package that brings it. */
  readonly source: string
  /** Path of its entry. */
  readonly path: string
}

const LONGEST_SUMMARY = 500
const LONGEST_NAME = 100
const MOST_ENTRIES = 200

/**
 * What packages list under a key of their manifest, the first of a name. Who may add something is decided where it is run.
 * @param name what a name must look like
 */
export function namedEntries(
  sources: readonly ModuleSource[],
  user: Pick<AskingUser, 'directories'>,
  { key, name: pattern }: { readonly key: 'commands' | 'checks'; readonly name: RegExp },
): readonly NamedEntry[] {
  const entries = new Map<string, NamedEntry>()
  for (const found of manifestsOfPackages(sources, user)) {
    const listed = found.manifest[key]
    const values: readonly unknown[] = Array.isArray(listed) ? listed.slice(0, MOST_ENTRIES) : []
    for (const value of values) {
      const named = namedEntry(value, found, pattern)
      if (named !== undefined && !entries.has(named.name)) entries.set(named.name, named)
    }
  }
  return [...entries.values()]
}

/** One line of a text that is printed as it is, in help or beside what a shell completes. */
export function oneLine(summary: string): string {
  return summary.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, LONGEST_SUMMARY)
}

function namedEntry(value: unknown, { source, directory }: ManifestOfPackage, pattern: RegExp): NamedEntry | undefined {
  if (!isObject(value)) return undefined
  const { name, summary, entry } = value
  if (typeof name !== 'string' || typeof summary !== 'string' || typeof entry !== 'string') return undefined
  if (!pattern.test(name) || name.length > LONGEST_NAME || entry.includes('\0')) return undefined
  return { name, summary: oneLine(summary), source, path: join(directory, entry) }
}
