import { randomBytes, randomInt } from 'node:crypto'
import { chmod, lstat, mkdir, readdir, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { errnoOf } from '@janus/core/state'
import { agentError } from '../errors/agent-error.js'

/**
 * Asks the one at the other end of a connection who they are. Node cannot read the credentials of a peer, but the kernel tells the owner of
 * a file: whoever can create a file of an unguessable name in a directory of ours, and then set its time to a second that they could
 * not know before, is its owner (utimensat(2): only the owner or root may set a time).
 */
export interface UserChallenge {
  /** Name of the file to be created, empty and with mode 0600. */
  readonly file: string
  /**
   * Looks at the file that was created.
   * @returns the time to set, seconds since the epoch
   * @throws JANUS_AGENT_IDENTITY_REFUSED
   */
  look(): Promise<number>
  /**
   * Looks again, at the time that was set.
   * @returns number of the user whose file it is
   * @throws JANUS_AGENT_IDENTITY_REFUSED
   */
  confirm(): Promise<number>
  /** Removes the file. The challenge is void. */
  end(): Promise<void>
}

/** The directory of the challenges. */
export interface UserChallenges {
  readonly directory: string
  create(): UserChallenge
}

interface Seen {
  readonly inode: bigint
  readonly device: bigint
  readonly uid: number
  readonly modified: bigint
}

/** Others may create and search, not list: mode 1733. Sticky, so that nobody but we and its owner can remove or rename a file. */
const DIRECTORY_MODE = 0o1733
const MODE_BITS = 0o7777
const FILE_MODE = 0o600
const NAME_BYTES = 16
const LATEST_TIME = 2 ** 31
const NANOSECONDS = 1_000_000_000n
/** What the kernel shows for users that have no number here: it is nobody's in particular. */
const OVERFLOW_UID = 65534

/**
 * Prepares the directory of the challenges, and removes what an earlier process left in it.
 * @param directory absolute path; what is above it belongs to us or root alone
 * @throws JANUS_AGENT_IDENTITY_REFUSED when something else is in its place
 */
export async function prepareUserChallenges(directory: string): Promise<UserChallenges> {
  await mkdir(directory, 0o700).catch((error: unknown) => {
    if (errnoOf(error) !== 'EEXIST') throw error
  })
  const found = await lstat(directory)
  if (!found.isDirectory() || found.uid !== process.geteuid?.()) {
    throw refused(`${directory} is not a directory of this user`)
  }
  await chmod(directory, DIRECTORY_MODE)
  const { type } = await statfs(directory)
  if (!tellsOwners(type) || ((await lstat(directory)).mode & MODE_BITS) !== DIRECTORY_MODE) {
    throw refused(`the file system of ${directory} does not tell for certain whose a file is`)
  }
  for (const name of await readdir(directory)) await rm(join(directory, name), { recursive: true, force: true })
  return { directory, create: () => createChallenge(directory) }
}

/** Magic numbers of file systems whose owners somebody else makes up: NFS, SMB, CIFS, 9P, FUSE, and those that have none. */
const MADE_UP_OWNERS: ReadonlySet<number> = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x01021997, 0x65735546, 0x4d44, 0x2011bab0, 0x5346544e, 0x564c,
])

/** True for a file system (statfs(2)) on which the kernel alone says whose a file is. */
export function tellsOwners(type: number): boolean {
  return !MADE_UP_OWNERS.has(type >>> 0)
}

function createChallenge(directory: string): UserChallenge {
  const file = randomBytes(NAME_BYTES).toString('hex')
  const path = join(directory, file)
  let seen: Seen | undefined
  let used = false

  const examine = async (): Promise<Seen> => {
    if (used) throw refused('a challenge is good for one answer')
    const stat = await lstat(path, { bigint: true }).catch((error: unknown) => {
      throw refused(`the file was not created: ${errnoOf(error) ?? error}`)
    })
    const mode = Number(stat.mode & 0o7777n)
    if (!stat.isFile()) throw refused('what was created is not a regular file')
    if (stat.nlink !== 1n) throw refused('the file has other names')
    if (mode !== FILE_MODE) throw refused(`the file has the mode 0${mode.toString(8)}, not 0600`)
    if (stat.size !== 0n) throw refused('the file is not empty')
    if (stat.uid === BigInt(OVERFLOW_UID)) throw refused('the file belongs to a user that has no number here')
    return {
      inode: stat.ino,
      device: stat.dev,
      uid: Number(stat.uid),
      modified: stat.mtimeNs,
    }
  }

  let time: number | undefined
  return {
    file,
    look: async () => {
      if (seen !== undefined) throw refused('a challenge is good for one answer')
      seen = await examine()
      time = randomInt(1, LATEST_TIME)
      return time
    },
    confirm: async () => {
      const now = await examine()
      used = true
      if (seen === undefined || now.inode !== seen.inode || now.device !== seen.device || now.uid !== seen.uid) {
        throw refused('the file is not the one that was looked at')
      }
      if (time === undefined || now.modified !== BigInt(time) * NANOSECONDS)
        throw refused('the time of the file is not the one that was asked for')
      return now.uid
    },
    end: async () => {
      used = true
      await rm(path, { recursive: true, force: true })
    },
  }
}

function refused(problem: string): Error {
  return agentError('JANUS_AGENT_IDENTITY_REFUSED', `who is at the other end could not be established: ${problem}`)
}
