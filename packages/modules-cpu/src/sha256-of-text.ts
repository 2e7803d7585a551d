import { createHash } from 'node:crypto'

/** SHA-256 of a text as it lies in a file, lower-case hex. */
export function sha256OfText(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
