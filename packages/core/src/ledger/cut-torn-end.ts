import { constants, read } from 'node:fs'
import { basename, dirname } from 'node:path'
import { promisify } from 'node:util'
import { janusError } from '../errors/janus-error.js'
import { errnoOf } from '../state/errno-of.js'
import { type FileOperations, fsyncDirectory, writeAll } from '../state/file-operations.js'
import type { LedgerTorn } from './scan-ledger.js'

const CHUNK_BYTES = 1024 * 1024
const MOST_NAMES = 100
const readOnce = promisify(read)

/**
 * Cuts the unfinished end of a ledger off, durably, after its bytes were kept in a file beside it.
 * @returns the name of that file, in the ledger's directory
 * @throws JANUS_LEDGER_WRITE_FAILED
 */
export async function cutTornEnd(
  { path, descriptor }: { readonly path: string; readonly descriptor: number },
  torn: LedgerTorn,
  at: Date,
  operations: FileOperations,
): Promise<string> {
  try {
    const keptAs = await keepTornBytes(path, descriptor, torn, at, operations)
    await operations.truncate(descriptor, torn.offset)
    await operations.fsync(descriptor)
    return keptAs
  } catch (cause) {
    throw janusError('JANUS_LEDGER_WRITE_FAILED', `the unfinished end of ${path} could not be cut`, { cause })
  }
}

/**
 * Copies the unfinished end of a ledger into a file beside it, durably, before it is cut off.
 * @returns the name of that file, in the ledger's directory
 * @throws the errno error of the failed call
 */
async function keepTornBytes(
  path: string,
  descriptor: number,
  torn: LedgerTorn,
  at: Date,
  operations: FileOperations,
): Promise<string> {
  // A tail can be a hole of any size, as a crash leaves one: its copy is a hole too. Appending follows the length that truncating sets.
  const copy = await createBeside(`${path}.torn-${at.toISOString().replace(/[:.]/g, '-')}`, operations)
  try {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, torn.bytes))
    const zeros = Buffer.alloc(chunk.length)
    let hole = false
    let done = 0
    while (done < torn.bytes) {
      const wanted = Math.min(chunk.length, torn.bytes - done)
      const { bytesRead } = await readOnce(descriptor, chunk, 0, wanted, torn.offset + done)
      if (bytesRead === 0) break
      const piece = chunk.subarray(0, bytesRead)
      const isHole = piece.equals(zeros.subarray(0, bytesRead))
      if (hole && !isHole) await operations.truncate(copy.descriptor, done)
      if (!isHole) await writeAll(copy.descriptor, piece, operations)
      hole = isHole
      done += bytesRead
    }
    if (hole) await operations.truncate(copy.descriptor, done)
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
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
  for (let attempt = 1; ; attempt += 1) {
    const path = attempt === 1 ? wanted : `${wanted}-${attempt}`
    try {
      return { path, descriptor: await operations.open(path, flags, 0o600) }
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST' || attempt === MOST_NAMES) throw error
    }
  }
}
