import { closeSync, constants, openSync, readSync } from 'node:fs'
import type { Reading, UnreadableReason } from '../contract/host.js'

/** Most bytes of one file that a host reads. */
export const MAXIMUM_TEXT_BYTES = 1024 * 1024

/** Most bytes of one file that a host reads for a digest or for saving. */
export const MAXIMUM_BYTES = 16 * 1024 * 1024

const SMALL_CHUNK_BYTES = 8 * 1024
const CHUNK_BYTES = 64 * 1024

/**
 * Reads a regular file or attribute to its end, whatever size its stat claims (attributes say 4096 or 0).
 * @param file real path; the caller made sure that it is a regular file, opening a device can have effects
 * @param most bytes; a larger file is `too-large`
 */
export function readBounded(file: string, most: number): Reading<Buffer> {
  try {
    const descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY)
    try {
      return readToEnd(descriptor, most)
    } finally {
      closeSync(descriptor)
    }
  } catch (error) {
    return readingOfError(error)
  }
}

/** The reading that an errno of a read amounts to. */
export function readingOfError(error: unknown): { readonly unreadable?: UnreadableReason } {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOENT' || code === 'ENOTDIR') return {}
  return { unreadable: code === 'EACCES' || code === 'EPERM' ? 'denied' : 'error' }
}

function readToEnd(descriptor: number, most: number): Reading<Buffer> {
  const chunks: Buffer[] = []
  let total = 0
  let free = Buffer.allocUnsafe(SMALL_CHUNK_BYTES)
  for (;;) {
    const count = readSync(descriptor, free, 0, free.length, null)
    if (count === 0) break
    total += count
    if (total > most) return { unreadable: 'too-large' }
    chunks.push(free.subarray(0, count))
    // The end of a small file is met in what is left of its chunk: a fresh one per attribute would be all garbage.
    free = count < free.length ? free.subarray(count) : Buffer.allocUnsafe(CHUNK_BYTES)
  }
  const [only] = chunks
  return { value: only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, total) }
}
