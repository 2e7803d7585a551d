import type { Stats } from 'node:fs'
import { lstat, readdir, realpath, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isJanusError, janusError } from '../errors/janus-error.js'
import { placeOnDisk } from '../state/place-on-disk.js'
import { isPrivateGroup } from '../state/private-group.js'
import { shellWord } from '../state/shell-word.js'
import { requireTrustedPath } from '../state/trusted-path.js'
import type { AskingUser } from './asking-user.js'
import { modulesFoldersAbove } from './installed-package.js'
import { readPackageFile } from './package-file.js'
import { packageTrees } from './package-trees.js'

const MOST_FILES = 20_000

type Who = Pick<AskingUser, 'uid' | 'owner'>

/**
 * As root, refuses a file that somebody else could replace: it, or a directory above it, belongs to neither root nor the
 * user who called sudo, or others may write it. Who is not root only risks what is theirs.
 * @throws JANUS_MODULE_PATH_UNSAFE with the command that mends it
 */
export async function requireSafeFile(file: string, user: Who): Promise<void> {
  if (user.uid !== 0) return
  const { path } = placeOnDisk(file)
  await requireSafeDirectory(dirname(path), user)
  await requireSafeEntry(path, await lstat(path), user)
}

/**
 * The same for a directory with everything in it, packages in its `node_modules` excepted: they are others. What
 * lies in an archive of Yarn's is as safe as the archive: it is one file.
 */
export async function requireSafeTree(tree: string, user: Who): Promise<void> {
  if (user.uid !== 0) return
  const { path: directory, isArchive } = placeOnDisk(tree)
  if (isArchive) return requireSafeFile(directory, user)
  await requireSafeDirectory(directory, user)
  let left = MOST_FILES
  const walk = async (path: string): Promise<void> => {
    for (const entry of await readdir(path, { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name === '.git') continue
      left -= 1
      if (left < 0) throw unsafe(directory, `holds more than ${MOST_FILES} files, too many to be looked at`)
      const inner = join(path, entry.name)
      await requireSafeEntry(inner, await lstat(inner), user)
      if (entry.isDirectory()) await walk(inner)
    }
  }
  await walk(directory)
}

/**
 * The same for all that may run when a package runs with all rights: its files, what {@link packageTrees} finds beside them,
 * and the `node_modules` folders that an import looks into.
 */
export async function requireSafeClosure(directory: string, user: Who): Promise<void> {
  if (user.uid !== 0) return
  const looked = new Set<string>()
  for await (const tree of packageTrees(directory, { dependencies: true })) {
    const { path, isArchive } = placeOnDisk(tree.path)
    await (isArchive ? requireSafeFile(path, user) : requireSafeDirectory(dirname(path), user))
    for (const entry of isArchive ? [] : tree.entries) await requireSafeEntry(entry.path, entry.stat, user)
    for (const folder of modulesFoldersAbove(path)) {
      if (looked.has(folder)) continue
      looked.add(folder)
      if (await isThere(folder)) await requireSafeDirectory(folder, user)
    }
  }
}

/**
 * The same for a path whose code is about to run with all rights: the package it belongs to, a directory as it is, or the
 * directory of a file that no package claims.
 */
export async function requireSafeSubject(path: string, user: Who): Promise<void> {
  if (user.uid !== 0) return
  const real = await realpath(path).catch(() => undefined)
  if (real === undefined) return
  for (let above = (await stat(real)).isDirectory() ? real : dirname(real); ; above = dirname(above)) {
    if ((await readPackageFile(above)) !== undefined) return requireSafeClosure(above, user)
    if (above === dirname(above)) break
  }
  return requireSafeClosure((await stat(real)).isDirectory() ? real : dirname(real), user)
}

async function requireSafeDirectory(path: string, { owner }: Who): Promise<void> {
  try {
    await requireTrustedPath(path, owner)
  } catch (error) {
    if (!isJanusError(error)) throw error
    throw janusError('JANUS_MODULE_PATH_UNSAFE', error.message, {
      remedy: error.remedy,
      data: error.data,
      cause: error,
    })
  }
}

async function requireSafeEntry(path: string, stat: Stats, { owner }: Who): Promise<void> {
  if (stat.uid !== 0 && stat.uid !== owner) {
    throw unsafe(
      path,
      `belongs to user ${stat.uid}, who could replace it`,
      `Correct the owner: chown -h root ${shellWord(path)}`,
    )
  }
  // The mode of a link means nothing: it counts by its owner.
  const others = stat.isSymbolicLink() ? 0 : stat.mode & 0o022
  if (others === 0 || (others === 0o020 && (await isPrivateGroup(stat.gid, owner)))) return
  const mode = (stat.mode & 0o7777).toString(8)
  throw unsafe(path, `may be written by other users (mode 0${mode})`, `Correct the mode: chmod go-w ${shellWord(path)}`)
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

function unsafe(path: string, problem: string, remedy?: string): Error {
  const details = remedy === undefined ? {} : { remedy }
  return janusError('JANUS_MODULE_PATH_UNSAFE', `${path} ${problem}`, { data: { path }, ...details })
}
