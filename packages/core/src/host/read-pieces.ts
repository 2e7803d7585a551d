import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { janusError } from '../errors/janus-error.js'

/** Most bytes of one file that a host reads in pieces. */
export const MAXIMUM_PIECES_BYTES = 1024 * 1024 * 1024

const PIECE_BYTES = 256 * 1024

/**
 * Reads a regular file piece by piece; it is opened when the first piece is asked for, and closed whatever happens.
 * @param file real path; the caller made sure that it is a regular file
 * @param path what the file is called in messages
 * @throws JANUS_HOST_UNREADABLE for an error in the middle, or when there are more bytes than the host reads
 */
export async function* readPieces(file: string, path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY).catch(unreadable)
  try {
    for (let total = 0; ; ) {
      const buffer = Buffer.allocUnsafe(PIECE_BYTES)
      const { bytesRead } = await handle.read(buffer, 0, PIECE_BYTES, null).catch(unreadable)
      if (bytesRead === 0) return
      total += bytesRead
      if (total > MAXIMUM_PIECES_BYTES) throw unreadableError(path, 'too-large')
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }

  function unreadable(cause: NodeJS.ErrnoException): never {
    throw unreadableError(path, cause.code ?? cause.message, cause)
  }
}

/** Bytes that are at hand already, as pieces. */
export async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes
}

function unreadableError(path: string, reason: string, cause?: unknown): Error {
  return janusError('JANUS_HOST_UNREADABLE', `${path} cannot be read: ${reason}`, {
    data: { path, reason },
    ...(cause === undefined ? {} : { cause }),
  })
}
