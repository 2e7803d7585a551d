import { access } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isObject, readPackageFile } from '../modules/package-file.js'

/**
 * The project that a package belongs to: the workspace above it, else the directory whose `node_modules` it lies in,
 * else itself.
 * @param directory of the package, without links
 */
export async function projectRoot(directory: string): Promise<string> {
  const parts = directory.split('/')
  const modules = parts.indexOf('node_modules')
  const nearest = modules === -1 ? directory : parts.slice(0, modules).join('/') || '/'
  for (let above = nearest; ; above = dirname(above)) {
    if (await isWorkspace(above)) return above
    if (above === dirname(above)) return nearest
  }
}

async function isWorkspace(directory: string): Promise<boolean> {
  const { workspaces } = (await readPackageFile(directory))?.content ?? {}
  if (Array.isArray(workspaces) || isObject(workspaces)) return true
  return access(join(directory, 'pnpm-workspace.yaml')).then(
    () => true,
    () => false,
  )
}
