import type { FileOperations } from '../state/file-operations.js'
import type { LedgerRecord } from './ledger-record.js'

/** The end of a ledger, where whole records are added. */
export interface LedgerTail {
  /** False once nobody knows what is on the disk: after a failed fsync, or when what was half written could not be cut off. */
  readonly sound: boolean
  /**
   * Adds records, durably.
   * @param bytes their lines
   * @throws the error of the call that failed; what it wrote has been cut off again as far as that was possible
   */
  append(bytes: Buffer, records: readonly LedgerRecord[]): Promise<void>
  close(): Promise<void>
}

/** The tail of one file. */
export interface FileTail extends LedgerTail {
  /** Bytes of intact records. */
  readonly offset: number
}

/**
 * Starts adding to a file. After a failed fsync nobody knows what the kernel dropped, so it is never tried again.
 * @param descriptor open for appending
 * @param start bytes of intact records in it
 */
export function createFileTail(descriptor: number, start: number, operations: FileOperations): FileTail {
  let offset = start
  let sound = true

  /** Best effort: when it fails too, what is left is records nobody was told of, or an unfinished line. */
  const cutBack = async (durably: boolean): Promise<boolean> => {
    try {
      await operations.truncate(descriptor, offset)
      if (durably) await operations.fsync(descriptor)
      return durably
    } catch {
      return false
    }
  }

  return {
    get offset() {
      return offset
    },
    get sound() {
      return sound
    },
    append: async (bytes) => {
      try {
        await writeWhole(descriptor, bytes, operations)
      } catch (error) {
        sound = await cutBack(true)
        throw error
      }
      try {
        await operations.fsync(descriptor)
      } catch (error) {
        sound = await cutBack(false)
        throw error
      }
      offset += bytes.length
    },
    close: () => operations.close(descriptor),
  }
}

/** A short write is followed by one more, which says why. */
async function writeWhole(descriptor: number, bytes: Buffer, operations: FileOperations): Promise<void> {
  let written = await operations.write(descriptor, bytes)
  if (written < bytes.length) written += await operations.write(descriptor, bytes.subarray(written))
  if (written !== bytes.length) throw new Error(`only ${written} of ${bytes.length} bytes were written`)
}
