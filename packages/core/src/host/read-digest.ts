import { createHash } from 'node:crypto'
import type { Host, Reading } from '../contract/host.js'
import { isJanusError } from '../errors/janus-error.js'

/**
 * SHA-256 of the bytes of a regular file, lower-case hex, without holding them in memory.
 * @returns the digest; nothing when there is no such file; `error` also when reading failed in the middle
 */
export async function readDigest(host: Host, path: string): Promise<Reading<string>> {
  const { value: pieces, unreadable } = await host.readPieces(path)
  if (pieces === undefined) return unreadable === undefined ? {} : { unreadable }
  const hash = createHash('sha256')
  try {
    for await (const piece of pieces) hash.update(piece)
  } catch (error) {
    if (isJanusError(error) && error.code === 'JANUS_HOST_UNREADABLE') return { unreadable: 'error' }
    throw error
  }
  return { value: hash.digest('hex') }
}
