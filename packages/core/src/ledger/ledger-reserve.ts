import { randomFillSync } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type FileOperations, fsyncDirectory, writeAll } from '../state/file-operations.js'
import { openOwnFile } from '../state/open-own-file.js'

/** Room on the disk, kept aside in a file until it is needed. */
export interface LedgerReserve {
  readonly state: 'held' | 'released' | 'absent'
  /** Gives the room back to the disk. True when there was any, be it now or at an earlier call. */
  release(): Promise<boolean>
}

const CHUNK_BYTES = 64 * 1024

/**
 * Keeps room aside. On a disk that is full already there is none to keep: that is told by the state, and a ledger can still be read and verified.
 * @param bytes 0: none
 * @throws JANUS_STATE_DENIED; JANUS_STATE_UNSAFE
 */
export async function holdReserve(
  directory: string,
  bytes: number,
  operations: FileOperations,
): Promise<LedgerReserve> {
  const path = join(directory, 'reserve')
  let state: LedgerReserve['state'] = bytes > 0 && (await fill(path, bytes, operations)) ? 'held' : 'absent'
  return {
    get state() {
      return state
    },
    release: async () => {
      if (state !== 'held') return state === 'released'
      try {
        await rm(path, { force: true })
        state = 'released'
        // Some file systems give the room back only when the removal is on the disk.
        await fsyncDirectory(directory, operations).catch(() => undefined)
        return true
      } catch {
        return false
      }
    },
  }
}

async function fill(path: string, bytes: number, operations: FileOperations): Promise<boolean> {
  const { descriptor, size } = await openOwnFile(path, { write: true, append: true, createMode: 0o600, operations })
  try {
    for (let done = size; done < bytes; done += CHUNK_BYTES) {
      // Not zeros: a file system that compresses would keep no room for them.
      await writeAll(descriptor, randomFillSync(Buffer.alloc(Math.min(CHUNK_BYTES, bytes - done))), operations)
    }
    await operations.fsync(descriptor)
    return true
  } catch {
    await rm(path, { force: true }).catch(() => undefined)
    return false
  } finally {
    await operations.close(descriptor)
  }
}
