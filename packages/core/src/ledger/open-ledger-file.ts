import { lstat } from 'node:fs/promises'
import { isJanusError, janusError } from '../errors/janus-error.js'
import { errnoOf } from '../state/errno-of.js'
import type { FileOperations } from '../state/file-operations.js'
import { type OwnFile, openOwnFile } from '../state/open-own-file.js'
import { tryLock } from '../state/try-lock.js'

/** A ledger's file, open and locked. */
export interface LedgerFile extends OwnFile {
  readonly path: string
}

const MOST_ATTEMPTS = 20

/**
 * Opens the file of a ledger for appending and locks it; a file that a rewrite replaced in between is let go for the new one.
 * @throws JANUS_STATE_LOCKED; JANUS_STATE_DENIED; JANUS_STATE_UNSAFE; JANUS_LEDGER_WRITE_FAILED
 */
export async function openLedgerFile(path: string, operations: FileOperations): Promise<LedgerFile> {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const file = await openCreating(path, operations)
    try {
      if (!(await tryLock(file.descriptor))) {
        throw janusError('JANUS_STATE_LOCKED', `${path} is open in another process`, { data: { path } })
      }
      if (await isStillAt(path, file)) return { ...file, path }
    } catch (error) {
      await operations.close(file.descriptor)
      throw error
    }
    await operations.close(file.descriptor)
  }
  throw janusError('JANUS_STATE_LOCKED', `${path} is being replaced again and again`, { data: { path } })
}

/**
 * Opens a file of a ledger for appending; created when absent.
 * @throws as {@link openOwnFile}
 */
export function openToAppend(path: string, operations: FileOperations): Promise<OwnFile> {
  const createMode = process.geteuid?.() === 0 ? 0o640 : 0o600
  return openOwnFile(path, { write: true, append: true, createMode, operations })
}

async function openCreating(path: string, operations: FileOperations): Promise<OwnFile> {
  try {
    return await openToAppend(path, operations)
  } catch (cause) {
    if (isJanusError(cause)) throw cause
    throw janusError('JANUS_LEDGER_WRITE_FAILED', `${path} could not be opened for appending`, {
      data: { path },
      cause,
    })
  }
}

async function isStillAt(path: string, file: OwnFile): Promise<boolean> {
  try {
    const { ino, dev } = await lstat(path)
    return ino === file.inode && dev === file.device
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}
