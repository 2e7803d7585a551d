import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { type PackageFile, readPackageFile } from './package-file.js'

/** What Yarn's loader offers to who runs under it (Plug'n'Play API 1). */
interface PlugAndPlayApi {
  resolveToUnqualified(request: string, issuer: string): string | null
}

/**
 * Finds a package the way Node's import does, without its `exports`: those may hide even its package.json. Under Yarn's
 * Plug'n'Play its loader is asked.
 * @param directory to look from
 */
export async function installedPackage(directory: string, name: string): Promise<PackageFile | undefined> {
  if (process.versions.pnp !== undefined) {
    const unqualified = resolveWithPlugAndPlay(directory, name)
    if (unqualified !== undefined) return readPackageFile(unqualified)
  }
  for (const folder of modulesFoldersAbove(directory)) {
    const file = await readPackageFile(join(folder, name))
    if (file !== undefined) return file
  }
  return undefined
}

/** Every `node_modules` that an import from this directory looks into, innermost first. */
export function modulesFoldersAbove(directory: string): readonly string[] {
  const folders: string[] = []
  for (let above = directory; ; above = dirname(above)) {
    if (basename(above) !== 'node_modules') folders.push(join(above, 'node_modules'))
    if (above === dirname(above)) return folders
  }
}

function resolveWithPlugAndPlay(directory: string, name: string): string | undefined {
  const require = createRequire(join(directory, 'package.json'))
  try {
    const { resolveToUnqualified } = require('pnpapi') as PlugAndPlayApi
    return resolveToUnqualified(name, `${directory}/`) ?? undefined
  } catch {
    // The loader refuses what a package does not declare, which for us means that it is not there.
    return undefined
  }
}
