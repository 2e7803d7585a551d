import { constants, fstatSync } from 'node:fs'
import { lstat, rm, truncate } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type FileOperations, systemFileOperations } from '../../src/state/index.js'

/** System calls of a process that ends at one of them. */
export interface FragileDisk {
  readonly operations: FileOperations
  /** How many there were, those after the end included. */
  readonly calls: () => number
  /**
   * Takes from the disk what fsync(2) had not put there: names of files that were created, in a directory that was not synced since, and bytes that were written.
   * @param share of those bytes that had come there by themselves, from 0 to 1
   */
  cutPower(share: number): Promise<void>
}

/**
 * System calls that fail from one of them on, as to a process that is gone.
 * @param count of the call that is half done; every later one does nothing
 */
export function createFragileDisk(count: number): FragileDisk {
  let calls = 0
  const paths = new Map<number, string>()
  const synced = new Map<string, number>()
  const unnamed = new Set<string>()

  const dies = (): boolean => {
    calls += 1
    return calls >= count
  }
  const died = () => Promise.reject(new Error('the process is gone'))

  const open: FileOperations['open'] = async (path, flags, mode) => {
    const before = await sizeOf(path)
    const descriptor = await systemFileOperations.open(path, flags, mode)
    paths.set(descriptor, path)
    if ((flags & constants.O_DIRECTORY) !== 0) return descriptor
    if (before === undefined) unnamed.add(path)
    if (!synced.has(path)) synced.set(path, before ?? 0)
    return descriptor
  }

  const fsync: FileOperations['fsync'] = async (descriptor) => {
    await systemFileOperations.fsync(descriptor)
    const path = paths.get(descriptor) ?? ''
    const stat = fstatSync(descriptor)
    if (stat.isFile()) synced.set(path, stat.size)
    else for (const name of unnamed) if (dirname(name) === path) unnamed.delete(name)
  }

  return {
    calls: () => calls,
    operations: {
      open: (...args) => (dies() ? died() : open(...args)),
      write: async (descriptor, bytes) => {
        if (!dies()) return systemFileOperations.write(descriptor, bytes)
        if (calls === count) await systemFileOperations.write(descriptor, bytes.subarray(0, bytes.length / 2))
        return died()
      },
      fsync: (descriptor) => (dies() ? died() : fsync(descriptor)),
      truncate: async (descriptor, length) => {
        if (dies()) return died()
        await systemFileOperations.truncate(descriptor, length)
        const path = paths.get(descriptor) ?? ''
        synced.set(path, Math.min(length, synced.get(path) ?? 0))
      },
      close: (descriptor) => systemFileOperations.close(descriptor),
    },
    cutPower: async (share) => {
      for (const [path, sure] of synced) {
        const size = await sizeOf(path)
        if (size === undefined) continue
        if (unnamed.has(path)) await rm(path)
        else if (size > sure) await truncate(path, sure + Math.floor((size - sure) * share))
      }
    },
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  return lstat(path).then(
    ({ size }) => size,
    () => undefined,
  )
}
