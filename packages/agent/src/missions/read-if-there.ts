import { lstat } from 'node:fs/promises'
import { isJanusError } from '@janus/core'
import { errnoOf } from '@janus/core/state'
import { readMissionBytes } from './read-mission-file.js'

/** True for any entry of that name, a link to nowhere too. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    throw error
  }
}

/** The bytes of a small file; nothing at all for one that is no file of ours; undefined when there is none. */
export async function readIfThere(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readMissionBytes(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    if (isJanusError(error)) return new Uint8Array()
    throw error
  }
}
