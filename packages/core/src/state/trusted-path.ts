import type { Stats } from 'node:fs'
import { lstat, readlink } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { janusError } from '../errors/janus-error.js'
import { errnoOf } from './errno-of.js'
import { isPrivateGroup } from './private-group.js'
import { shellWord } from './shell-word.js'

/** What a path leads to. */
export interface TrustedPath {
  /** The path with its links resolved, as far as it exists. */
  readonly resolved: string
  /** Names below `resolved` that do not exist yet. */
  readonly missing: readonly string[]
}

const MOST_LINKS = 40
const STICKY = 0o1000

/**
 * Walks a path from the root and refuses it when another user could put something else in its place (the rule of sshd's
 * StrictModes): every component belongs to root or to us; a directory that others may write is fine only when it is
 * sticky and not the last one; a link counts by its owner and is followed step by step. A group-writable directory is accepted when the
 * group is a private one.
 * @param path absolute, or from the working directory
 * @param uid who we are
 * @throws JANUS_STATE_UNSAFE with the command that mends it; JANUS_STATE_DENIED when a component may not be searched
 */
export async function requireTrustedPath(path: string, uid: number): Promise<TrustedPath> {
  let current = '/'
  let ahead = namesOf(isAbsolute(path) ? path : `${process.cwd()}/${path}`)
  let links = 0
  await requireTrustedDirectory('/', await statOf('/'), uid, ahead.length === 0)
  while (ahead.length > 0) {
    const [name = '', ...rest] = ahead
    if (name === '..') {
      current = join(current, '..')
      ahead = rest
      continue
    }
    const next = join(current, name)
    const stat = await statOf(next)
    if (stat === undefined) return { resolved: current, missing: ahead }
    requireOwner(next, stat, uid)
    if (stat.isSymbolicLink()) {
      links += 1
      if (links > MOST_LINKS)
        throw unsafe(next, 'is one of too many symbolic links', `Remove the link: rm ${shellWord(next)}`)
      const target = await readlink(next)
      if (target.startsWith('/')) current = '/'
      ahead = [...namesOf(target), ...rest]
      continue
    }
    await requireTrustedDirectory(next, stat, uid, rest.length === 0)
    current = next
    ahead = rest
  }
  return { resolved: current, missing: [] }
}

async function requireTrustedDirectory(
  path: string,
  stat: Stats | undefined,
  uid: number,
  isLast: boolean,
): Promise<void> {
  if (stat === undefined) return
  if (!stat.isDirectory())
    throw unsafe(path, 'is not a directory', `Move it away: mv ${shellWord(path)} ${shellWord(`${path}.old`)}`)
  requireOwner(path, stat, uid)
  const others = stat.mode & 0o022
  if (others === 0) return
  if ((stat.mode & STICKY) !== 0 && !isLast) return
  if (others === 0o020 && (await isPrivateGroup(stat.gid, uid))) return
  const mode = (stat.mode & 0o7777).toString(8)
  throw unsafe(
    path,
    `may be written by other users (mode 0${mode}, group ${stat.gid})`,
    `Correct the mode: chmod go-w ${shellWord(path)}`,
  )
}

function requireOwner(path: string, stat: Stats, uid: number): void {
  if (stat.uid === 0 || stat.uid === uid) return
  const remedy = `Correct the owner: chown ${stat.isSymbolicLink() ? '-h ' : ''}${uid} ${shellWord(path)}`
  throw unsafe(path, `belongs to user ${stat.uid}, who could replace it`, remedy)
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw janusError('JANUS_STATE_DENIED', `${path} cannot be examined by this user`, { data: { path }, cause: error })
  }
}

function namesOf(path: string): readonly string[] {
  return path.split('/').filter((name) => name !== '' && name !== '.')
}

function unsafe(path: string, problem: string, remedy: string): Error {
  return janusError('JANUS_STATE_UNSAFE', `${path} ${problem}`, { remedy, data: { path } })
}
