import { basename, dirname, join } from 'node:path'
import { type PackageFile, readPackageFile } from './package-file.js'
import { packageOfPlugAndPlay } from './plug-and-play-package.js'

/**
 * Finds a package the way Node's import does, without its `exports`: those may hide even its package.json. Under Yarn's
 * Plug'n'Play its loader is asked.
 * @param directory to look from
 */
export async function installedPackage(directory: string, name: string): Promise<PackageFile | undefined> {
  const unqualified = packageOfPlugAndPlay(directory, name)
  if (unqualified !== undefined) return readPackageFile(unqualified)
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
