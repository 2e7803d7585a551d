import { constants, read } from 'node:fs'
import { basename, dirname } from 'node:path'
import { promisify } from 'node:util'
import { errnoOf } from '../state/errno-of.js'
import { type FileOperations, fsyncDirectory, writeAll } from '../state/file-operations.js'
import type { LedgerTorn } from './scan-ledger.js'

const CHUNK_BYTES = 1024 * 1024
const MOST_NAMES = 100
const readOnce = promisify(read)

/**
 * Copies the unfinished end of a ledger into a file beside it, durably, before it is cut off.
 * @returns the name of that file, in the ledger's directory
 * @throws the errno error of the failed call
 */
export async function keepTornBytes(
  path: string,
  descriptor: number,
  torn: LedgerTorn,
  at: Date,
  operations: FileOperations,
): Promise<string> {
  const copy = await createBeside(`${path}.torn-${at.toISOString().replace(/[:.]/g, '-')}`, operations)
  try {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, torn.bytes))
    for (let done = 0; done < torn.bytes; ) {
      const { bytesRead } = await readOnce(descriptor, chunk, 0, chunk.length, torn.offset + done)
      if (bytesRead === 0) break
      await writeAll(copy.descriptor, chunk.subarray(0, bytesRead), operations)
      done += bytesRead
    }
    await operations.fsync(copy.descriptor)
  } finally {
    await operations.close(copy.descriptor)
  }
  await fsyncDirectory(dirname(path), operations)
  return basename(copy.path)
}

async function createBeside(
  wanted: string,
  operations: FileOperations,
): Promise<{ readonly path: string; readonly descriptor: number }> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  for (let attempt = 1; ; attempt += 1) {
    const path = attempt === 1 ? wanted : `${wanted}-${attempt}`
    try {
      return { path, descriptor: await operations.open(path, flags, 0o600) }
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST' || attempt === MOST_NAMES) throw error
    }
  }
}
