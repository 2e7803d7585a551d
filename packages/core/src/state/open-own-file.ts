import { constants, fstat } from 'node:fs'
import { promisify } from 'node:util'
import { janusError } from '../errors/janus-error.js'
import { errnoOf } from './errno-of.js'
import { type FileOperations, systemFileOperations } from './file-operations.js'
import { shellWord } from './shell-word.js'

const statDescriptor = promisify(fstat)

/** How {@link openOwnFile} opens. */
export interface OpenOwnFileOptions {
  readonly write: boolean
  /** Permission bits of a file that has to be created; left out: an absent file is an ENOENT error. */
  readonly createMode?: number
  readonly append?: boolean
  /** Who we are. Default: the effective user of this process. */
  readonly uid?: number
  readonly operations?: FileOperations
}

/** An open file that nobody else could have put there. */
export interface OwnFile {
  readonly descriptor: number
  readonly created: boolean
  readonly size: number
  readonly inode: number
  readonly device: number
  readonly mode: number
  readonly uid: number
  readonly gid: number
}

/**
 * Opens a regular file of ours or root's, following no link and waiting for no FIFO.
 * @param path absolute path; its directory has been checked already
 * @throws JANUS_STATE_DENIED; JANUS_STATE_UNSAFE for a link, another kind of file, another owner, or one that others may write;
 * the errno error of open for anything else
 */
export async function openOwnFile(path: string, options: OpenOwnFileOptions): Promise<OwnFile> {
  const operations = options.operations ?? systemFileOperations
  const { descriptor, created } = await openOrCreate(path, options, operations)
  try {
    const stat = await statDescriptor(descriptor)
    const { size, mode, uid, gid } = stat
    const own = options.uid ?? process.geteuid?.() ?? 0
    if (!stat.isFile()) throw foreign(path)
    if (uid !== 0 && uid !== own)
      throw unsafe(path, `belongs to user ${uid}`, `Correct the owner: chown ${own} ${shellWord(path)}`)
    if ((mode & 0o022) !== 0) {
      throw unsafe(
        path,
        `may be written by other users (mode ${octal(mode)})`,
        `Correct the mode: chmod go-w ${shellWord(path)}`,
      )
    }
    return { descriptor, created, size, inode: stat.ino, device: stat.dev, mode: mode & 0o7777, uid, gid }
  } catch (error) {
    await operations.close(descriptor)
    throw error
  }
}

async function openOrCreate(
  path: string,
  { write, createMode, append }: OpenOwnFileOptions,
  operations: FileOperations,
): Promise<{ readonly descriptor: number; readonly created: boolean }> {
  const access = (write ? constants.O_RDWR : constants.O_RDONLY) | (append === true ? constants.O_APPEND : 0)
  const flags = access | constants.O_NOFOLLOW | constants.O_NONBLOCK
  try {
    return { descriptor: await operations.open(path, flags), created: false }
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' || createMode === undefined) throw openError(path, error)
  }
  try {
    const descriptor = await operations.open(path, flags | constants.O_CREAT | constants.O_EXCL, createMode)
    return { descriptor, created: true }
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw openError(path, error)
    // Somebody created it in between: take theirs, it is checked like any other.
    return { descriptor: await operations.open(path, flags), created: false }
  }
}

function openError(path: string, error: unknown): unknown {
  switch (errnoOf(error)) {
    case 'EACCES':
    case 'EPERM':
      return janusError('JANUS_STATE_DENIED', `${path} may not be opened by this user`, {
        data: { path },
        cause: error,
      })
    case 'ELOOP':
      return unsafe(path, 'is a symbolic link', `Remove the link: rm ${shellWord(path)}`)
    case 'EISDIR':
    case 'ENXIO':
      return foreign(path)
    default:
      return error
  }
}

function foreign(path: string): Error {
  return unsafe(path, 'is not a regular file', `Move it away: mv ${shellWord(path)} ${shellWord(`${path}.foreign`)}`)
}

function unsafe(path: string, problem: string, remedy: string): Error {
  return janusError('JANUS_STATE_UNSAFE', `${path} ${problem}`, { remedy, data: { path } })
}

function octal(mode: number): string {
  return `0${(mode & 0o7777).toString(8)}`
}
