import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { dependencyNames, readPackageFile } from '../modules/package-file.js'
import type { SandboxBind } from '../sandbox/index.js'

/** What modules import although their package may not say so. */
const ALWAYS = ['@janus/core', 'zod']
const MOST_PACKAGES = 5_000

/**
 * What Node must see so that these packages find their dependencies as they do outside: their directories, every
 * `node_modules` above them, and, where links lead out of those (workspaces, stores that are shared), what the
 * dependencies they name come to. Nothing else of a project.
 * @param directories of packages, without links
 */
export async function visiblePackages(directories: readonly string[]): Promise<readonly SandboxBind[]> {
  const binds = new Map<string, string>()
  const seen = new Set<string>()
  const pending = directories.map((directory) => ({ directory, isFirst: true }))
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { directory, isFirst } = next
    if (seen.has(directory) || seen.size >= MOST_PACKAGES) continue
    seen.add(directory)
    const modules = await modulesAbove(directory)
    if (isFirst || !isCovered(directory, binds)) {
      binds.set(directory, directory)
      for (const { path, real } of modules) binds.set(path, real)
    }
    const file = await readPackageFile(directory)
    const names = new Set([...(file === undefined ? [] : dependencyNames(file)), ...(isFirst ? ALWAYS : [])])
    for (const name of names) {
      const found = await firstReal(modules.map(({ path }) => join(path, name)))
      if (found !== undefined) pending.push({ directory: found, isFirst: false })
    }
  }
  return [...binds].map(([target, source]) => ({ source, target }))
}

interface ModulesFolder {
  readonly path: string
  readonly real: string
}

async function modulesAbove(directory: string): Promise<readonly ModulesFolder[]> {
  const folders: ModulesFolder[] = []
  for (let above = directory; ; above = dirname(above)) {
    const path = join(above, 'node_modules')
    const real = basename(above) === 'node_modules' ? undefined : await realDirectory(path)
    if (real !== undefined) folders.push({ path, real })
    if (above === dirname(above)) return folders
  }
}

async function firstReal(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const real = await realDirectory(path)
    if (real !== undefined) return real
  }
  return undefined
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
  return [...binds].some(([target, source]) => target === source && directory.startsWith(`${source}/`))
}
