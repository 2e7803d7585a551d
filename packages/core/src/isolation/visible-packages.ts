import { readlink, realpath, stat } from 'node:fs/promises'
import { homedir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { dependencyNames, readPackageFile } from '../modules/package-file.js'
import type { SandboxBind } from '../sandbox/index.js'
import { isWithin } from '../sandbox/is-within.js'
import { isModulesLinkInside, modulesLinkRefused, requirePackageLink } from './package-links.js'
import { projectRoot } from './project-root.js'

/** What modules import although their package may not say so. */
const ALWAYS = ['@janus/core', 'zod']
const MOST_PACKAGES = 5_000
/** As many links as the kernel follows. */
const MOST_STOPS = 40

/**
 * What Node must see so that these packages find their dependencies as they do outside: their directories, every
 * `node_modules` above them, and, where links lead out of those (workspaces, stores that are shared), what the
 * dependencies they name come to. Nothing else of a project: a link that comes to no package is not followed.
 * @param directories of packages, without links
 * @param home of the caller
 * @param unseen one of the directories, of which only the `node_modules` is shown
 * @throws JANUS_SANDBOX_BIND_REFUSED for a link that comes to something else, or a `node_modules` that leads out of its project
 */
export async function visiblePackages(
  directories: readonly string[],
  home: string = homedir(),
  unseen?: string,
): Promise<readonly SandboxBind[]> {
  const realHome = (await realDirectory(home)) ?? home
  const binds = new Map<string, string>()
  const seen = new Set<string>()
  const pending = directories.map((directory) => ({ directory, isFirst: true }))
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { directory, isFirst } = next
    if (seen.has(directory) || seen.size >= MOST_PACKAGES) continue
    seen.add(directory)
    const project = await projectRoot(directory)
    const modules = await modulesAbove(directory, project)
    if (isFirst || !isCovered(directory, binds)) {
      if (directory !== unseen) binds.set(directory, directory)
      for (const { path, real } of modules) binds.set(path, real).set(real, real)
    }
    const file = await readPackageFile(directory)
    const names = new Set([...(file === undefined ? [] : dependencyNames(file)), ...(isFirst ? ALWAYS : [])])
    for (const name of names) {
      const found = await firstFound(modules, name)
      if (found === undefined) continue
      if (!isCovered(found.target, binds)) {
        await requirePackageLink({ ...found, name, project }, realHome)
        for (const stop of await stopsBetween(found.path, found.target)) {
          const folder = modulesFolderOf(stop)
          if (folder === undefined) binds.set(stop, found.target)
          else binds.set(folder, folder)
        }
      }
      pending.push({ directory: found.target, isFirst: false })
    }
  }
  // A link that is seen cannot be covered, and need not be: what it comes to is there.
  const needed = [...binds].filter(([target, source]) => target === source || !isCovered(target, binds))
  return needed.map(([target, source]) => ({ source, target }))
}

interface ModulesFolder {
  readonly path: string
  readonly real: string
}

async function modulesAbove(directory: string, project: string): Promise<readonly ModulesFolder[]> {
  const folders: ModulesFolder[] = []
  for (let above = directory; ; above = dirname(above)) {
    const path = join(above, 'node_modules')
    const real = basename(above) === 'node_modules' ? undefined : await realDirectory(path)
    if (real !== undefined && (real === path || isModulesLinkInside(project, real))) folders.push({ path, real })
    // Above the project it is nobody's fault; what is missing shows when it is imported.
    else if (real !== undefined && isWithin(project, above)) throw modulesLinkRefused(path, real)
    if (above === dirname(above)) return folders
  }
}

async function firstFound(modules: readonly ModulesFolder[], name: string) {
  for (const folder of modules) {
    const path = join(folder.path, name)
    const target = await realDirectory(path)
    if (target !== undefined) return { path, holder: dirname(folder.path), target }
  }
  return undefined
}

/** The links that a link leads over, as `npm link` goes by way of the global packages. */
async function stopsBetween(path: string, target: string): Promise<readonly string[]> {
  const stops: string[] = []
  for (let at = await placeOf(path); at !== target && stops.length < MOST_STOPS; ) {
    at = await placeOf(resolve(dirname(at), await readlink(at)))
    if (at !== target) stops.push(at)
  }
  return stops
}

/** The path with no link but the last component. */
async function placeOf(path: string): Promise<string> {
  return join(await realpath(dirname(path)), basename(path))
}

function modulesFolderOf(path: string): string | undefined {
  return [dirname(path), dirname(dirname(path))].find((above) => basename(above) === 'node_modules')
}

async function realDirectory(path: string): Promise<string | undefined> {
  try {
    const real = await realpath(path)
    return (await stat(real)).isDirectory() ? real : undefined
  } catch {
    return undefined
  }
}

function isCovered(directory: string, binds: ReadonlyMap<string, string>): boolean {
  return [...binds].some(([target, source]) => target === source && isWithin(source, directory))
}
