import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, resolve } from 'node:path'
import { scanModuleTree } from '../command-modules/scan-module-tree.js'
import { janusError } from '../errors/janus-error.js'
import type { DiscoveredModule } from './discovered-module.js'
import { installedPackage } from './installed-package.js'
import { moduleOfFile } from './module-of-file.js'
import { isPackageName, readPackageFile } from './package-file.js'
import { plugAndPlayAbove, unreadableSource } from './package-sources.js'
import { problemAt } from './problem-at.js'
import { modulesOfPackage } from './read-manifest.js'

/** What somebody named, and where they stand. */
export interface NamedRequest {
  /** A package, or a path. */
  readonly name: string
  /** What a relative path is relative to, and where packages are looked for first. */
  readonly from: string
  /** Directories where packages are looked for next. */
  readonly fallbacks: readonly string[]
}

/**
 * The modules of what somebody named: a package, a directory, a file. One that leads to none gives a row that says why.
 * A word is a path when it begins with `.` or `/`, ends like a file of code, or cannot be the name of a package.
 */
export async function namedModules({ name, from, fallbacks }: NamedRequest): Promise<readonly DiscoveredModule[]> {
  if (isPath(name)) return modulesAtPath(isAbsolute(name) ? name : resolve(from, name))
  for (const directory of [from, ...fallbacks]) {
    const file = await installedPackage(directory, name)
    if (file === undefined) continue
    const modules = modulesOfPackage(file)
    return modules.length > 0 ? modules : [bringsNone(file.directory, name)]
  }
  const plugAndPlay = await plugAndPlayAbove(from)
  if (plugAndPlay !== undefined) return [plugAndPlay]
  const message = `there is no package ${name} in ${from} or above, nor among your extensions`
  const remedy = `Install it (\`janus module add ${name}\`), or name a path: ./${name}.`
  return [problemAt(from, janusError('JANUS_MODULE_NOT_FOUND', message, { module: name, remedy }), name)]
}

/** The modules of a directory (a package, or a tree with a folder `modules`), of a package.json, or of a file. */
export async function modulesAtPath(path: string): Promise<readonly DiscoveredModule[]> {
  const real = await realpath(path).catch(() => undefined)
  if (real === undefined) return [problemAt(path, janusError('JANUS_FILE_INVALID', `${path} does not exist`))]
  if (basename(real) === 'package.json') return modulesInDirectory(dirname(real), path)
  return (await stat(real)).isDirectory() ? modulesInDirectory(real, path) : [await moduleOfFile(real)]
}

async function modulesInDirectory(directory: string, asNamed: string): Promise<readonly DiscoveredModule[]> {
  const file = await readPackageFile(directory)
  const modules = file === undefined ? [] : modulesOfPackage(file)
  if (modules.length > 0) return modules
  const tree = await scanModuleTree(directory)
  if (tree.length > 0) return tree
  return [file === undefined ? unreadableSource(asNamed) : bringsNone(asNamed, basename(directory))]
}

function isPath(name: string): boolean {
  return /^(\.{0,2}\/|\.\.?$)|\.(js|mjs|cjs|sh)$/.test(name) || !isPackageName(name)
}

function bringsNone(path: string, id: string): DiscoveredModule {
  const message = `${path} brings no modules: its package.json has no janus field that names any`
  return problemAt(path, janusError('JANUS_MODULE_MANIFEST_INVALID', message), id)
}
