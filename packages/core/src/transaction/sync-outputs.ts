import * as fs from 'node:fs'
import { dirname } from 'node:path'

/** What is gone, and what a pseudo file system has no disk for (fsync(2)), needs nothing. */
const NOTHING_TO_KEEP = new Set(['ENOENT', 'ENOTDIR', 'EINVAL', 'EROFS'])

/**
 * Makes durable what a program left of its outputs: their bytes, and the entries of their directories. A builder of an
 * image rarely does so itself, and a record of the step that outlives a power cut must not name what did not.
 * @throws with the kernel's errno when a disk does not take it
 */
export function syncOutputs(paths: readonly string[]): void {
  const { O_RDONLY, O_NONBLOCK, O_NOCTTY, O_DIRECTORY } = fs.constants
  const directories = new Set<string>()
  for (const path of paths) {
    const real = ignoring(() => fs.realpathSync(path)) ?? path
    // A pipe or a device in its place is not an output: it is not even opened.
    if (ignoring(() => fs.statSync(real))?.isFile() === true)
      ignoring(() => sync(real, O_RDONLY | O_NONBLOCK | O_NOCTTY))
    directories.add(dirname(path)).add(dirname(real))
  }
  for (const path of directories) ignoring(() => sync(path, O_RDONLY | O_DIRECTORY))
}

function sync(path: string, flags: number): void {
  const descriptor = fs.openSync(path, flags)
  try {
    fs.fsyncSync(descriptor)
  } finally {
    fs.closeSync(descriptor)
  }
}

function ignoring<Result>(work: () => Result): Result | undefined {
  try {
    return work()
  } catch (error) {
    if (!NOTHING_TO_KEEP.has((error as NodeJS.ErrnoException).code ?? '')) throw error
    return undefined
  }
}
