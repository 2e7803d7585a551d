import { join } from 'node:path'
import { janusError } from '../errors/janus-error.js'
import { readSmallFile } from '../modules/package-file.js'
import { errnoOf } from '../state/errno-of.js'
import type { LockFile, Pin } from './lock-schema.js'

const NAME = 'janus.lock.json'
const MODE = 0o600

/** Path of the lock file in a directory. */
export function lockFileIn(directory: string): string {
  return join(directory, NAME)
}

/**
 * Reads what a user agreed to.
 * @returns an empty one when there is none
 * @throws JANUS_LOCK_INVALID naming the field
 */
export async function readLockFile(directory: string): Promise<LockFile> {
  const path = lockFileIn(directory)
  let content: unknown
  try {
    content = JSON.parse(await readSmallFile(path))
  } catch (cause) {
    const errno = errnoOf(cause)
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return { schema: 'janus.lock/1', modules: {} }
    const why = cause instanceof SyntaxError ? 'it is not JSON' : (errno ?? 'it is not a small regular file')
    throw janusError('JANUS_LOCK_INVALID', `${path} cannot be read: ${why}`, { data: { path }, cause })
  }
  const { parseLockFile } = await import('./lock-schema.js')
  const parsed = parseLockFile(content)
  if ('lock' in parsed) return parsed.lock
  const { field, problem } = parsed
  throw janusError('JANUS_LOCK_INVALID', `${path}: ${field}: ${problem}`, { data: { path, field } })
}

/** Pins one package or file, or takes its pin away. */
export async function writePin(directory: string, key: string, pin: Pin | undefined): Promise<void> {
  const { modules } = await readLockFile(directory)
  const others = Object.entries(modules).filter(([name]) => name !== key)
  const all = pin === undefined ? others : [...others, [key, pin] as const]
  const sorted = Object.fromEntries(all.sort(([left], [right]) => (left < right ? -1 : 1)))
  const text = `${JSON.stringify({ schema: 'janus.lock/1', modules: sorted }, null, 2)}\n`
  const { writeFileDurably } = await import('../state/write-file-durably.js')
  await writeFileDurably(lockFileIn(directory), Buffer.from(text), { mode: MODE })
}
