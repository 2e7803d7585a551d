import { lstat } from 'node:fs/promises'
import type { Actor } from '../contract/actor.js'
import type { StopCause } from '../contract/stop.js'
import { userName } from '../identity/user-name.js'
import { readStopFile } from './read-stop-file.js'

/** Who speaks for a file that is gone again. */
export const WATCH: Actor = { kind: 'system', name: 'emergency-stop' }

/**
 * What is recorded of a stop that was found as a file: who owns it, as the kernel tells, and what it says of itself where Janus wrote it.
 * @param because as it was found
 */
export async function causeOfFile(path: string, because: string): Promise<StopCause> {
  const by = await ownerOf(path)
  const claim = await readStopFile(path)
  if (claim === undefined) return { kind: 'file', summary: because, by }
  return { kind: claim.cause, summary: claim.summary, by }
}

async function ownerOf(path: string): Promise<Actor> {
  try {
    const { uid } = await lstat(path)
    return { kind: 'user', uid, name: await userName(uid) }
  } catch {
    return WATCH
  }
}
