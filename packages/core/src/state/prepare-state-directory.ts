import { chmod, mkdir, opendir } from 'node:fs/promises'
import { join } from 'node:path'
import { janusError } from '../errors/janus-error.js'
import { errnoOf } from './errno-of.js'
import { fsyncDirectory } from './file-operations.js'
import { requireTrustedPath } from './trusted-path.js'

/** For whom a state directory is, and how it is created. */
export interface PrepareStateDirectoryOptions {
  /** Who we are. */
  readonly uid: number
  /** Permission bits of the directory when it has to be created, whatever the umask. Default: 0750. */
  readonly mode?: number
}

/** Default permission bits of a state directory. */
export const STATE_DIRECTORY_MODE = 0o750

const PARENT_MODE = 0o755

/**
 * Creates the state directory and what is missing above it, durably. Only for commands that change something.
 * @param path absolute
 * @throws JANUS_STATE_UNSAFE naming the component and the command that mends it; JANUS_STATE_DENIED; JANUS_STATE_WRITE_FAILED
 */
export async function prepareStateDirectory(
  path: string,
  { uid, mode = STATE_DIRECTORY_MODE }: PrepareStateDirectoryOptions,
): Promise<void> {
  const { resolved, missing } = await requireTrustedPath(path, uid)
  let current = resolved
  for (const [index, name] of missing.entries()) {
    const next = join(current, name)
    await createDirectory(next, index === missing.length - 1 ? mode : PARENT_MODE & ~process.umask())
    await fsyncDirectory(current).catch((cause: unknown) => Promise.reject(writeFailed(current, cause)))
    current = next
  }
  // Somebody may have been faster in a directory that others write too: what stands there now is what counts.
  if (missing.length > 0) await requireTrustedPath(path, uid)
}

/**
 * Looks whether the state directory is there and may be read. Writes nothing.
 * @param path absolute
 * @returns `absent` when nothing was ever written
 * @throws JANUS_STATE_DENIED: it is there, but not for this user; JANUS_STATE_UNSAFE
 */
export async function inspectStateDirectory(
  path: string,
  { uid }: Pick<PrepareStateDirectoryOptions, 'uid'>,
): Promise<'absent' | 'readable'> {
  const { resolved, missing } = await requireTrustedPath(path, uid)
  if (missing.length > 0) return 'absent'
  try {
    await (await opendir(resolved)).close()
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return 'absent'
    throw janusError('JANUS_STATE_DENIED', `${path} may not be read by this user`, { data: { path }, cause })
  }
  return 'readable'
}

async function createDirectory(path: string, mode: number): Promise<void> {
  try {
    await mkdir(path, 0o700)
    await chmod(path, mode)
  } catch (cause) {
    const errno = errnoOf(cause)
    if (errno === 'EEXIST') return
    if (errno === 'EACCES' || errno === 'EPERM') {
      throw janusError('JANUS_STATE_DENIED', `${path} may not be created by this user`, { data: { path }, cause })
    }
    throw writeFailed(path, cause)
  }
}

function writeFailed(path: string, cause: unknown): Error {
  return janusError('JANUS_STATE_WRITE_FAILED', `${path} could not be created`, { data: { path }, cause })
}
