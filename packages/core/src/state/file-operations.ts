import { close, constants, fsync, ftruncate, open, write } from 'node:fs'
import { promisify } from 'node:util'

/**
 * The system calls that durable writing rests on, as a seam for fault tests. Node opens every descriptor with
 * O_CLOEXEC.
 */
export interface FileOperations {
  /** `open(2)`; returns the descriptor. */
  open(path: string, flags: number, mode?: number): Promise<number>
  /** One `write(2)` at the descriptor's offset; returns the number of bytes written, which may be fewer than asked. */
  write(descriptor: number, bytes: Uint8Array): Promise<number>
  /** `fsync(2)`. */
  fsync(descriptor: number): Promise<void>
  /** `ftruncate(2)`; length in bytes. */
  truncate(descriptor: number, length: number): Promise<void>
  /** `close(2)`. */
  close(descriptor: number): Promise<void>
}

const writeOnce = promisify(write)

/** The operations of the running kernel. */
export const systemFileOperations: FileOperations = Object.freeze({
  open: promisify(open) as FileOperations['open'],
  write: async (descriptor: number, bytes: Uint8Array) =>
    (await writeOnce(descriptor, bytes, 0, bytes.byteLength, null)).bytesWritten,
  fsync: promisify(fsync),
  truncate: promisify(ftruncate),
  close: promisify(close),
})

/** The same for what can be made again after a power cut: nothing waits for the disk. */
export const unsyncedFileOperations: FileOperations = Object.freeze({
  ...systemFileOperations,
  fsync: async () => {},
})

/**
 * Makes the names in a directory durable.
 * @param path an existing directory
 * @throws the errno error of open or fsync
 */
export async function fsyncDirectory(path: string, operations: FileOperations = systemFileOperations): Promise<void> {
  const descriptor = await operations.open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await operations.fsync(descriptor)
  } finally {
    await operations.close(descriptor)
  }
}

/**
 * Writes all bytes at the descriptor's offset, however many calls it takes.
 * @throws the errno error of the call that failed; a short write is followed by the one that says why
 */
export async function writeAll(
  descriptor: number,
  bytes: Uint8Array,
  operations: FileOperations = systemFileOperations,
): Promise<void> {
  for (let done = 0; done < bytes.byteLength; ) {
    const written = await operations.write(descriptor, bytes.subarray(done))
    if (written === 0) throw new Error('the file system took no byte and gave no reason')
    done += written
  }
}
