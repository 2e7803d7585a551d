import { randomBytes } from 'node:crypto'

/** A file system allows 255 bytes. */
const MOST_OF_NAME = 50

/** The name under which the hand makes what is to replace an entry of a directory: beside it, and like no other. */
export function temporaryName(name: string): string {
  return `${start(name)}${randomBytes(8).toString('hex')}`
}

/** True for a name that {@link temporaryName} makes for this entry. */
export function isTemporaryName(entry: string, name: string): boolean {
  return entry.startsWith(start(name)) && /^[0-9a-f]{16}$/.test(entry.slice(start(name).length))
}

function start(name: string): string {
  return `.${name.slice(0, MOST_OF_NAME)}.janus-`
}
