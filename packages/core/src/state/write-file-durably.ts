import { randomBytes } from 'node:crypto'
import { constants, fchmod, fchown } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { type FileOperations, fsyncDirectory, systemFileOperations, writeAll } from './file-operations.js'

/** What a durably written file gets besides its bytes. */
export interface WriteFileDurablyOptions {
  /** Permission bits, whatever the umask. */
  readonly mode: number
  /** Default: who runs this process. */
  readonly owner?: { readonly uid: number; readonly gid: number }
  readonly operations?: FileOperations
}

const changeMode = promisify(fchmod)
const changeOwner = promisify(fchown)

/**
 * Creates or replaces a file so that after a crash at any instant its name leads to all the old bytes or all the new ones.
 * When the promise resolves, it is the new ones for good. A link at the path is replaced, not followed.
 * @param path absolute; its directory exists
 * @param content the bytes, at once or in pieces
 * @throws the errno error of the call that failed; the path is as it was
 */
export async function writeFileDurably(
  path: string,
  content: Uint8Array | AsyncIterable<Uint8Array>,
  { mode, owner, operations = systemFileOperations }: WriteFileDurablyOptions,
): Promise<void> {
  const directory = dirname(path)
  const temporary = join(directory, temporaryName(basename(path)))
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    const descriptor = await operations.open(temporary, flags, 0o600)
    try {
      for await (const piece of content instanceof Uint8Array ? [content] : content) {
        await writeAll(descriptor, piece, operations)
      }
      // The owner first: changing it takes set-id bits away.
      if (owner !== undefined) await changeOwner(descriptor, owner.uid, owner.gid)
      await changeMode(descriptor, mode)
      await operations.fsync(descriptor)
    } finally {
      await operations.close(descriptor)
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined)
    throw error
  }
  await fsyncDirectory(directory, operations)
}

/** True for the name of a file that {@link writeFileDurably} was interrupted in writing. */
export function isTemporaryName(name: string): boolean {
  return /^\..*\.janus-[0-9a-f]{16}$/.test(name)
}

// A name may have 255 bytes (NAME_MAX); what is cut here only makes it easier to recognise.
function temporaryName(name: string): string {
  return `.${Buffer.from(name)
    .subarray(0, 128)
    .toString('latin1')
    .replace(/[^\w.-]/g, '_')}.janus-${randomBytes(8).toString('hex')}`
}
