import type { Stats } from 'node:fs'
import { lstat, readdir, readlink, realpath, stat } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { janusError } from '../errors/janus-error.js'
import { installedPackage } from './installed-package.js'
import { dependencyNames, readPackageFile } from './package-file.js'

const MOST_FILES = 20_000
const MOST_PACKAGES = 2_000

/** One file, folder or link of a tree. */
export interface TreeEntry {
  readonly path: string
  /** Relative to the tree; empty for the tree itself. */
  readonly name: string
  readonly stat: Stats
}

/** A folder of files that belong together, or one file. */
export interface PackageTree {
  readonly path: string
  /** In order of their names, folders before what is in them. */
  readonly entries: readonly TreeEntry[]
}

/** How much of a package counts. */
export interface PackageScope {
  /**
   * Whether what may run with it counts too: what it depends on, as Node finds it, and every package that lies in one of
   * its `node_modules`, whether it says so or not; and those of all these.
   */
  readonly dependencies: boolean
}

/**
 * The files that may run when a package does, the package first. `.git` is left out, and so are the links in
 * `node_modules/.bin`.
 * @param path of a package or a file, absolute and without links
 * @throws JANUS_MODULE_INTEGRITY when a link leads out of its package, or there is too much to look at
 */
export async function* packageTrees(path: string, { dependencies }: PackageScope): AsyncGenerator<PackageTree> {
  const budget = { files: MOST_FILES }
  const seen = new Set([path])
  const pending = [path]
  for (let next = pending.shift(); next !== undefined; next = pending.shift()) {
    const listing: Listing = { root: next, start: path, budget, entries: [], folders: [] }
    await list(listing, next, '')
    yield { path: next, entries: listing.entries }
    if (!dependencies) return
    for (const other of await neighbours(listing)) {
      if (seen.has(other)) continue
      if (seen.size > MOST_PACKAGES) throw tooMuch(path, `more than ${MOST_PACKAGES} dependencies`)
      seen.add(other)
      pending.push(other)
    }
  }
}

/** That there is more of something than anybody looks at. */
export function tooMuch(path: string, what: string): Error {
  return janusError('JANUS_MODULE_INTEGRITY', `${path} holds ${what}, which is too much to be pinned`, {
    data: { path },
  })
}

interface Listing {
  readonly root: string
  /** What was asked about, for messages. */
  readonly start: string
  readonly budget: { files: number }
  readonly entries: TreeEntry[]
  /** Every `node_modules` in the tree. */
  readonly folders: string[]
}

async function list(listing: Listing, path: string, name: string): Promise<void> {
  const { root, start, budget, entries, folders } = listing
  const found = await lstat(path)
  budget.files -= 1
  if (budget.files < 0) throw tooMuch(start, `more than ${MOST_FILES} files`)
  if (found.isSymbolicLink()) await requireInside(root, path)
  entries.push({ path, name, stat: found })
  if (!found.isDirectory()) return
  for (const inner of (await readdir(path)).sort()) {
    if (inner === 'node_modules') {
      const folder = join(path, inner)
      folders.push(folder)
      entries.push({ path: folder, name: `${name}/${inner}`, stat: await stat(folder) })
    } else if (inner !== '.git') await list(listing, join(path, inner), name === '' ? inner : `${name}/${inner}`)
  }
}

/** A link to somewhere else would run, or show, what nobody agreed to. */
async function requireInside(root: string, path: string): Promise<void> {
  const target = await realpath(path).catch(async () => resolve(dirname(path), await readlink(path)))
  const inside = relative(root, target)
  if (!inside.split('/').some((part) => part === '..' || part === '.git')) return
  const message = `${path} is a link that leads out of ${root}, to ${target}`
  throw janusError('JANUS_MODULE_INTEGRITY', message, {
    data: { path },
    remedy: 'Put the file itself in its place.',
  })
}

/** What a tree depends on, and what lies in its `node_modules`; without links, in an order that does not depend on the disk. */
async function neighbours(listing: Listing): Promise<readonly string[]> {
  const bundled = (await Promise.all(listing.folders.map((folder) => bundledIn(folder)))).flat()
  const file = await readPackageFile(listing.root)
  const names = file === undefined ? [] : dependencyNames(file)
  const found = await Promise.all(names.map((name) => installedPackage(listing.root, name)))
  return [...bundled, ...found.flatMap((dependency) => (dependency === undefined ? [] : [dependency.directory]))]
}

async function bundledIn(folder: string): Promise<readonly string[]> {
  // A link in place of the folder leads to packages all the same.
  const names = await readdir(folder).catch(() => [])
  const places = names.sort().map(async (name) => {
    const path = join(folder, name)
    if (name.startsWith('@')) return bundledIn(path)
    if (basename(folder) === '.bin' && (await lstat(path)).isSymbolicLink()) return []
    if (name === '.bin') return bundledIn(path)
    const real = await realpath(path).catch(() => undefined)
    if (real === undefined) return []
    const found = await stat(real)
    return found.isDirectory() || found.isFile() ? [real] : []
  })
  return (await Promise.all(places)).flat()
}
