import { readFile, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import type { Extension, PinnedState } from '../contract/extensions.js'
import { isObject, type PackageFile } from '../modules/package-file.js'
import type { PackageScope } from '../modules/package-trees.js'
import { packageDigest } from './package-digest.js'
import { contentsOf } from './preview-extension.js'

/** The state of what lies at a place: a package, or a file. */
export async function stateAt(
  place: string,
  file: PackageFile | undefined,
  directory: string,
  scope: PackageScope,
): Promise<PinnedState> {
  if (file !== undefined) return stateOf(file, directory, scope)
  return { version: 'unknown', files: await packageDigest(place, scope), brings: { modules: [], commands: [] } }
}

/** The state of a package. */
export async function stateOf(file: PackageFile, directory: string, scope: PackageScope): Promise<PinnedState> {
  const integrity = await installedIntegrity(directory, String(file.content.name), file.directory)
  return {
    version: String(file.content.version ?? 'unknown').slice(0, 100),
    ...(integrity === undefined ? {} : { integrity }),
    files: await packageDigest(file.directory, scope),
    brings: await contentsOrNone(file),
  }
}

/** What a package brings, nothing when its manifest is malformed. */
export async function contentsOrNone(file: PackageFile): Promise<Extension['brings']> {
  try {
    return contentsOf(file)
  } catch {
    // A package that broke later is still listed, so that it can be removed.
    return { modules: [], commands: [] }
  }
}

/** What npm's own lock file says it installed. */
async function installedIntegrity(directory: string, name: string, place: string): Promise<string | undefined> {
  if ((await realpath(join(directory, 'node_modules', name)).catch(() => undefined)) !== place) return undefined
  try {
    const lock: unknown = JSON.parse(await readFile(join(directory, 'package-lock.json'), 'utf8'))
    const packages = isObject(lock) && isObject(lock.packages) ? lock.packages : {}
    const entry = packages[`node_modules/${name}`]
    return isObject(entry) && typeof entry.integrity === 'string' ? entry.integrity.slice(0, 300) : undefined
  } catch {
    return undefined
  }
}
