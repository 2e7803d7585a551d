import { readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ModuleSource } from '../contract/janus.js'
import type { AskingUser } from '../modules/asking-user.js'
import { packageOfPlugAndPlay } from '../modules/plug-and-play-package.js'

/** A member of a list in the `janus` field of a package.json, as it stands there: untrusted. */
interface ManifestEntry {
  readonly value: Readonly<Record<string, unknown>>
  /** Package that it stands in, and its directory. */
  readonly source: string
  readonly directory: string
}

/** What a package adds to the program: an entry by a name. */
export interface NamedEntry {
  readonly name: string
  readonly summary: string
  /** Package that brings it. */
  readonly source: string
  /** Path of its entry. */
  readonly path: string
}

const MOST_BYTES = 1_048_576
const LONGEST_SUMMARY = 500
const LONGEST_NAME = 100
const MOST_ENTRIES = 200

/**
 * What packages list under a key of their manifest, the first of a name. This is on the way to `--help`: a few small files are read, without the
 * schema library and without waiting. Who may add something is decided where it is run.
 * @param name what a name must look like
 */
export function namedEntries(
  sources: readonly ModuleSource[],
  { directories }: Pick<AskingUser, 'directories'>,
  { key, name: pattern }: { readonly key: 'commands' | 'checks'; readonly name: RegExp },
): readonly NamedEntry[] {
  const entries = new Map<string, NamedEntry>()
  const folders = sources.flatMap((source) => {
    if (source.kind === 'dependencies-of') return [dirname(source.packageJson)]
    return source.kind === 'extensions' ? directories.map(({ data }) => join(data, 'extensions')) : []
  })
  for (const folder of folders) {
    for (const source of Object.keys(objectIn(readJson(join(folder, 'package.json')), 'dependencies'))) {
      for (const entry of entriesIn(folder, source, key)) {
        const named = namedEntry(entry, pattern)
        if (named !== undefined && !entries.has(named.name)) entries.set(named.name, named)
      }
    }
  }
  return [...entries.values()]
}

function entriesIn(folder: string, source: string, key: string): readonly ManifestEntry[] {
  for (const directory of placesOf(folder, source)) {
    const content = readJson(join(directory, 'package.json'))
    if (content === undefined) continue
    const listed = objectIn(content, 'janus')[key]
    const values: readonly unknown[] = Array.isArray(listed) ? listed.slice(0, MOST_ENTRIES) : []
    return values.filter(isObject).map((value) => ({ value, source, directory }))
  }
  return []
}

function* placesOf(folder: string, name: string): Generator<string> {
  const unqualified = packageOfPlugAndPlay(folder, name)
  if (unqualified !== undefined) yield unqualified
  for (let above = folder; ; above = dirname(above)) {
    yield join(above, 'node_modules', name)
    if (above === dirname(above)) return
  }
}

function namedEntry({ value, source, directory }: ManifestEntry, pattern: RegExp): NamedEntry | undefined {
  const { name, summary, entry } = value
  if (typeof name !== 'string' || typeof summary !== 'string' || typeof entry !== 'string') return undefined
  if (!pattern.test(name) || name.length > LONGEST_NAME || entry.includes('\0')) return undefined
  return { name, summary: oneLine(summary), source, path: join(directory, entry) }
}

/** It stands in a help text, which is printed as it is. */
function oneLine(summary: string): string {
  return summary.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, LONGEST_SUMMARY)
}

function readJson(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const text = readFileSync(realpathSync(path), 'utf8')
    const value: unknown = text.length > MOST_BYTES ? undefined : JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function objectIn(
  value: Readonly<Record<string, unknown>> | undefined,
  member: string,
): Readonly<Record<string, unknown>> {
  const inner = value?.[member]
  return isObject(inner) ? inner : {}
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
