import { dirname, join } from 'node:path'
import type { ModuleSource } from '../contract/janus.js'
import type { AskingUser } from '../modules/asking-user.js'
import { isObject } from '../modules/package-file.js'
import { packageOfPlugAndPlay } from '../modules/plug-and-play-package.js'
import { readJsonObject } from './read-json-object.js'

/** The `janus` field of a package.json, as it stands there: untrusted. */
export interface ManifestOfPackage {
  readonly manifest: Readonly<Record<string, unknown>>
  /** Package that it stands in, and its directory. */
  readonly source: string
  readonly directory: string
}

/**
 * The manifests of the packages that these sources lead to. This is on the way to `--help`: a few small files are read,
 * without the schema library and without waiting.
 */
export function manifestsOfPackages(
  sources: readonly ModuleSource[],
  { directories }: Pick<AskingUser, 'directories'>,
): readonly ManifestOfPackage[] {
  const folders = sources.flatMap((source) => {
    if (source.kind === 'dependencies-of') return [dirname(source.packageJson)]
    return source.kind === 'extensions' ? directories.map(({ data }) => join(data, 'extensions')) : []
  })
  return folders.flatMap((folder) => {
    const names = Object.keys(objectIn(readJsonObject(join(folder, 'package.json')), 'dependencies'))
    return names.map((source) => manifestOf(folder, source)).filter((found) => found !== undefined)
  })
}

function manifestOf(folder: string, source: string): ManifestOfPackage | undefined {
  for (const directory of placesOf(folder, source)) {
    const content = readJsonObject(join(directory, 'package.json'))
    if (content !== undefined) return { manifest: objectIn(content, 'janus'), source, directory }
  }
  return undefined
}

function* placesOf(folder: string, name: string): Generator<string> {
  const unqualified = packageOfPlugAndPlay(folder, name)
  if (unqualified !== undefined) yield unqualified
  for (let above = folder; ; above = dirname(above)) {
    yield join(above, 'node_modules', name)
    if (above === dirname(above)) return
  }
}

function objectIn(
  value: Readonly<Record<string, unknown>> | undefined,
  member: string,
): Readonly<Record<string, unknown>> {
  const inner = value?.[member]
  return isObject(inner) ? inner : {}
}
