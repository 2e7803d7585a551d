import { closeSync, openSync, readSync } from 'node:fs'

const MOST_BYTES = 2048

/**
 * The beginning of a file of the kernel's, which does not say how long it is: whoever reads it whole takes 64 KiB each time.
 * @returns up to 2 KiB, a character for each byte
 * @throws the errno error of it
 */
export function readShortFile(path: string): string {
  const descriptor = openSync(path, 'r')
  try {
    const buffer = Buffer.allocUnsafe(MOST_BYTES)
    return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, MOST_BYTES, 0))
  } finally {
    closeSync(descriptor)
  }
}
