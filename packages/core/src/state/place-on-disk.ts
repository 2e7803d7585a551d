import { lstatSync } from 'node:fs'
import nodeModule from 'node:module'
import { dirname } from 'node:path'

/** Where a path lies for those who do not run under Yarn's loader. */
export interface PlaceOnDisk {
  readonly path: string
  /** `path` is the archive that holds it, and what lies in there is only for the loader. */
  readonly isArchive: boolean
}

interface PlugAndPlayApi {
  resolveVirtual?(path: string): string | null
}

/**
 * Under Yarn's Plug'n'Play a path may lead through a `__virtual__` folder that is not there, or into a zip archive, and
 * everything in this process sees files there. Elsewhere a path is what it says.
 * @param path absolute
 */
export function placeOnDisk(path: string): PlaceOnDisk {
  if (process.versions.pnp === undefined) return { path, isArchive: false }
  // The loader puts it there; the named exports of the module were taken before.
  const { findPnpApi } = nodeModule as unknown as { readonly findPnpApi?: (path: string) => PlugAndPlayApi | null }
  const real = findPnpApi?.(path)?.resolveVirtual?.(path) ?? path
  const archive = foldersAbove(real).find((above) => above.endsWith('.zip') && isFile(above))
  return archive === undefined ? { path: real, isArchive: false } : { path: archive, isArchive: true }
}

/** The path itself last. A folder may be called like an archive, and may hold one. */
function foldersAbove(path: string): readonly string[] {
  const above = dirname(path)
  return above === path ? [path] : [...foldersAbove(above), path]
}

function isFile(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isFile() === true
}
