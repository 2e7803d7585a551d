import { constants, read } from 'node:fs'
import { rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { janusError } from '../errors/janus-error.js'
import { errnoOf } from '../state/errno-of.js'
import { fsyncDirectory, systemFileOperations, writeAll } from '../state/file-operations.js'
import { openOwnFile } from '../state/open-own-file.js'
import { shellWord } from '../state/shell-word.js'
import { createNoteSigner, generateNoteKey, type NoteSigner } from './note-keys.js'

const MOST_BYTES = 4096
const readOnce = promisify(read)

/**
 * Makes a key for signing notes and writes its secret half, durably, to a file that only this user can read. An existing file is never replaced.
 * @param path absolute path; its directory has been checked
 * @param name whose key it is: without white space, control characters and `+`
 * @throws JANUS_NOTE_KEY_INVALID for another name; JANUS_STATE_WRITE_FAILED, also when the file exists
 */
export async function createNoteKeyFile(path: string, name: string): Promise<NoteSigner> {
  const { privateKey } = generateNoteKey(name)
  try {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
    const descriptor = await systemFileOperations.open(path, flags, 0o600)
    try {
      await writeAll(descriptor, Buffer.from(`${privateKey}\n`))
      await systemFileOperations.fsync(descriptor)
    } catch (error) {
      await rm(path, { force: true })
      throw error
    } finally {
      await systemFileOperations.close(descriptor)
    }
    await fsyncDirectory(dirname(path))
  } catch (cause) {
    const problem = errnoOf(cause) === 'EEXIST' ? 'exists: a key is never replaced' : 'could not be written'
    throw janusError('JANUS_STATE_WRITE_FAILED', `${path} ${problem}`, { data: { path }, cause })
  }
  return createNoteSigner(privateKey)
}

/**
 * Reads the secret half of a key from its file.
 * @param path absolute path; its directory has been checked
 * @throws JANUS_STATE_UNSAFE when the file is a link, not ours or root's, or others may read it; JANUS_STATE_DENIED; JANUS_NOTE_KEY_INVALID;
 * the errno error of open when it is absent
 */
export async function readNoteKeyFile(path: string): Promise<NoteSigner> {
  const { descriptor, mode } = await openOwnFile(path, { write: false })
  try {
    if ((mode & 0o077) !== 0) {
      throw janusError('JANUS_STATE_UNSAFE', `${path} may be read by others (mode 0${mode.toString(8)})`, {
        remedy: `Make a new key, or, if nobody else has ever been on this machine: chmod 600 ${shellWord(path)}`,
        data: { path },
      })
    }
    const bytes = Buffer.alloc(MOST_BYTES)
    const { bytesRead } = await readOnce(descriptor, bytes, 0, MOST_BYTES, 0)
    return createNoteSigner(bytes.toString('utf8', 0, bytesRead).trimEnd())
  } finally {
    await systemFileOperations.close(descriptor)
  }
}
