import type { FileOperations } from '../state/file-operations.js'
import { createFileTail, type FileTail, type LedgerTail } from './ledger-tail.js'
import type { LedgerTime } from './ledger-time.js'
import { createSegment } from './segment-files.js'
import { type SegmentSummary, summarise } from './segment-summary.js'

/** Where a segmented ledger is continued. */
export interface SegmentedTailOptions {
  readonly directory: string
  readonly rotateBytes: number
  readonly operations: FileOperations
  /** The last segment, open for appending, and the bytes of intact records in it. */
  readonly last: { readonly segment: number; readonly descriptor: number; readonly offset: number }
  readonly summaries: readonly SegmentSummary[]
  readonly time: LedgerTime
}

/** The end of the last of many segments. */
export interface SegmentedTail extends LedgerTail {
  /** The segment that is appended to. */
  readonly segment: number
  /** One for each segment that has records. */
  readonly summaries: readonly SegmentSummary[]
  /** Forgets the segments up to this one. */
  forget(segment: number): void
}

/** Starts adding to the last segment, and to a new one whenever it is full. */
export function createSegmentedTail(options: SegmentedTailOptions): SegmentedTail {
  const { directory, rotateBytes, operations, last, time } = options
  let summaries = [...options.summaries]
  let segment = last.segment
  let file: FileTail = createFileTail(last.descriptor, last.offset, operations)
  let failed = false

  /** What the full segment holds is on the disk already. When this fails half way, an empty segment is left, which is as good as none. */
  const rotate = async (): Promise<void> => {
    const descriptor = await createSegment(directory, segment + 1, operations)
    const full = file
    segment += 1
    file = createFileTail(descriptor, 0, operations)
    await full.close()
  }

  return {
    get segment() {
      return segment
    },
    get summaries() {
      return summaries
    },
    get sound() {
      return file.sound
    },
    append: async (bytes, records) => {
      try {
        // After a failure the urgent records that may follow stay where there is a file.
        if (!failed && file.offset > 0 && file.offset + bytes.length > rotateBytes) await rotate()
        await file.append(bytes, records)
      } catch (error) {
        failed = true
        throw error
      }
      const same = summaries.at(-1)?.segment === segment ? summaries.pop() : undefined
      const summary = summarise(same, segment, records, time)
      if (summary !== undefined) summaries.push(summary)
    },
    forget: (upTo) => {
      summaries = summaries.filter((summary) => summary.segment > upTo)
    },
    close: () => file.close(),
  }
}
