import { lstat, readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'

/**
 * Bytes of each installed package, by its folder below node_modules; what npm keeps for itself there is left out.
 * @param project the folder that has node_modules
 */
export async function installedSizes(project: string): Promise<Readonly<Record<string, number>>> {
  const modules = join(project, 'node_modules')
  const entries = await readdir(modules, { recursive: true, withFileTypes: true })
  const sizes: Record<string, number> = {}
  for (const entry of entries.filter((found) => found.isFile())) {
    const path = join(entry.parentPath, entry.name)
    const owner = owningPackage(relative(modules, path))
    if (owner !== undefined) sizes[owner] = (sizes[owner] ?? 0) + (await lstat(path)).size
  }
  return sizes
}

/** The innermost package that a file belongs to; a node_modules that a package brings among its tests is its own. */
function owningPackage(path: string): string | undefined {
  return /^(?!\.)(?:@[^/]+\/)?[^/]+(?:\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/))*/.exec(path)?.[0]
}
