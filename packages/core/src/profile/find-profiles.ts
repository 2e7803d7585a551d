import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, extname, join, resolve } from 'node:path'
import { nearestName } from '../config-text/nearest-name.js'
import { KEBAB_CASE } from '../contract/patterns.js'
import type { ProfileFile, ProfileRow } from '../contract/profile.js'
import { janusError } from '../errors/janus-error.js'
import type { AskingUser } from '../modules/asking-user.js'
import { readSmallFile } from '../modules/package-file.js'
import { requireSafeFile } from '../modules/safe-module-path.js'
import { errnoOf } from '../state/errno-of.js'
import { parseProfile } from './parse-profile.js'

const ENDINGS = ['.yaml', '.yml', '.json']
const MACHINE_DIRECTORY = '/etc/janus/profiles'
const LONGEST_FILE = 262_144

/** Where profiles are looked for, and for whom. */
export interface ProfileSearch {
  readonly user: AskingUser
  /** What relative paths are relative to. */
  readonly from: string
}

/** The directories that profiles lie in: the user's own, with sudo also the caller's, and the machine's. */
export function profileDirectories({ directories }: AskingUser): readonly string[] {
  return [...directories.map(({ config }) => join(config, 'profiles')), MACHINE_DIRECTORY]
}

/**
 * Reads a profile by its name, or by a path: what has a `/` in it or ends like a profile.
 * @throws JANUS_FILE_INVALID when there is none, or two of the name; JANUS_CONFIG_INVALID naming line and member;
 *   JANUS_MODULE_PATH_UNSAFE as root for a file that somebody else could replace
 */
export async function readProfile(nameOrPath: string, search: ProfileSearch): Promise<ProfileFile> {
  if (nameOrPath.includes('/') || ENDINGS.includes(extname(nameOrPath))) {
    return readFrom(resolve(search.from, nameOrPath), search)
  }
  const path = await findNamed(nameOrPath, search)
  const file = await readFrom(path, search)
  if (file.profile.name === nameOrPath) return file
  throw janusError('JANUS_CONFIG_INVALID', `${path}: name: it is ${file.profile.name}, and the file is ${nameOrPath}`, {
    data: { path },
  })
}

/** Every profile in the directories, sorted by name; one that cannot be read is a row that says why. */
export async function listProfiles(search: ProfileSearch): Promise<readonly ProfileRow[]> {
  const rows = await Promise.all((await profilePaths(search)).map((path) => rowOf(path, search)))
  return rows.sort((left, right) => (left.name < right.name ? -1 : left.name > right.name ? 1 : 0))
}

async function rowOf(path: string, search: ProfileSearch): Promise<ProfileRow> {
  const name = nameOf(path)
  try {
    return { name, path, profile: (await readFrom(path, search)).profile }
  } catch (error) {
    return { name, path, problem: error instanceof Error ? error.message : String(error) }
  }
}

async function findNamed(name: string, search: ProfileSearch): Promise<string> {
  const all = await profilePaths(search)
  const [found, ...others] = all.filter((path) => nameOf(path) === name)
  if (found !== undefined && others.length === 0) return found
  if (found !== undefined) {
    const message = `there are ${others.length + 1} profiles ${name}: ${[found, ...others].join(', ')}`
    throw janusError('JANUS_FILE_INVALID', message, { remedy: 'Name one of them by its path.', data: { name } })
  }
  const near = nearestName(name, all.map(nameOf))
  const message = `there is no profile ${JSON.stringify(name)}${near === undefined ? '' : `; ${near}?`}`
  const remedy = `Put ${name}.yaml into ${profileDirectories(search.user).join(' or ')}, or name a path.`
  throw janusError('JANUS_FILE_INVALID', message, { remedy, data: { name } })
}

async function profilePaths({ user }: ProfileSearch): Promise<readonly string[]> {
  const found: string[] = []
  for (const directory of profileDirectories(user)) {
    const names = await readdir(directory).catch(() => [])
    const profiles = names.filter((name) => ENDINGS.includes(extname(name)) && KEBAB_CASE.test(nameOf(name)))
    found.push(...profiles.sort().map((name) => join(directory, name)))
  }
  return found
}

async function readFrom(path: string, { user }: ProfileSearch): Promise<ProfileFile> {
  return { path, profile: await parseProfile(await readText(path, user), path) }
}

async function readText(path: string, user: AskingUser): Promise<string> {
  let text: string
  try {
    const real = await realpath(path)
    // A link is as safe as its owner, and as what it leads to.
    await requireSafeFile(path, user)
    await requireSafeFile(real, user)
    if ((await stat(real)).size > LONGEST_FILE) throw new Error(`it is longer than ${LONGEST_FILE} bytes`)
    text = await readSmallFile(real)
  } catch (cause) {
    const errno = errnoOf(cause)
    if (errno === undefined && (cause as { code?: unknown }).code !== undefined) throw cause
    const why = errno ?? (cause instanceof Error ? cause.message : String(cause))
    throw janusError('JANUS_FILE_INVALID', `the profile ${path} cannot be read: ${why}`, { data: { path }, cause })
  }
  return text
}

function nameOf(path: string): string {
  return basename(path, extname(path))
}
