import type { FileOperations } from '../state/file-operations.js'
import type { ExpiredPayload } from './expired-payload.js'
import type { NewRecord } from './group-commit.js'
import type { LedgerRecord } from './ledger-record.js'
import type { LedgerHead } from './segment-chain.js'

/** How a segmented ledger is opened for appending. */
export interface OpenSegmentedLedgerOptions {
  /** Absolute path; created when absent. Nobody but root and this user may be able to put something else in its place. */
  readonly directory: string
  /** Bytes after which a new segment is begun; a group of records is never divided. Default: 64 MiB. */
  readonly rotateBytes?: number
  /**
   * Bytes kept aside in the directory for urgent records on a full disk. Default: 0, none.
   */
  readonly reserveBytes?: number
  /**
   * Milliseconds between two records that are believed to have passed without one; see {@link SegmentedLedger.expire}. Must be well below the age at
   * which records expire. Default: a day.
   */
  readonly longestPause?: number
  /** What this process does with the ledger, told to whoever finds it open. Default: `ledger`. */
  readonly purpose?: string
  /** Gets every record that is found, in order, once it is verified: so that one pass both verifies and folds. Those appended later do not come here. */
  readonly onRecord?: (record: LedgerRecord) => void
  /** The wall clock. Default: that of the machine. */
  readonly now?: () => Date
  /** System calls, for fault tests. Default: the kernel's. */
  readonly fileOperations?: FileOperations
}

/** How records are appended. */
export interface AppendOptions {
  /** To be written even on a full disk, with the room kept aside for that. Default: false. */
  readonly urgent?: boolean
}

/** A ledger in segments, open for appending by this process alone. */
export interface SegmentedLedger {
  readonly directory: string
  /** Sequence number of the oldest record still held; one more than the last when there is none. */
  readonly firstSeq: number
  /** Sequence number of the last record appended or found, be it on the disk yet or not; 0 when there is none. */
  readonly lastSeq: number
  readonly lastHash: string
  /** The last record on the disk: what a checkpoint may be signed for. */
  readonly durableHead: LedgerHead
  /** Whether room is kept aside for urgent records. */
  readonly reserve: 'held' | 'released' | 'absent'
  /**
   * Appends one record. The order of the calls is the order of the records; calls made while a write is under way share the next one.
   * @param type what the record is; names that begin with `ledger-` are the ledger's own
   * @param payload a JSON value
   * @returns the record, once it is on the disk
   * @throws JANUS_LEDGER_WRITE_FAILED: it is not, and this ledger takes no further record that is not urgent; JANUS_INTERNAL: the payload is not JSON or too long
   */
  append(type: string, payload: unknown, options?: AppendOptions): Promise<LedgerRecord>
  /**
   * Appends several records in one durable step: after a crash all of them are there, or none.
   * @param records at most 16 MiB together
   * @throws as {@link SegmentedLedger.append}
   */
  appendAll(records: readonly NewRecord[], options?: AppendOptions): Promise<readonly LedgerRecord[]>
  /**
   * Appends several records in one durable step if nothing was appended since the caller looked.
   * @param expectedLastSeq what {@link SegmentedLedger.lastSeq} was then
   * @throws JANUS_LEDGER_CONFLICT with `expected` and `actual` in its data; as {@link SegmentedLedger.append}
   */
  compareAndAppend(
    expectedLastSeq: number,
    records: readonly NewRecord[],
    options?: AppendOptions,
  ): Promise<readonly LedgerRecord[]>
  /**
   * Drops the oldest segments whose records are all older than a time, after a `ledger-expired` record that names them is on the disk. The segment that is
   * appended to stays. A clock that was set wrongly drops nothing that is not old: a segment expires when the
   * largest time of any record up to its end is before the limit, *and* the ledger itself has seen that much time pass since,
   * no pause between two records (or since the last) counted for more than `longestPause`.
   * @param before no later than now
   * @param options.reason recorded
   * @returns what expired; undefined when nothing did
   * @throws JANUS_USAGE when `before` is later than now; JANUS_LEDGER_WRITE_FAILED
   */
  expire(before: Date, options: { readonly reason: string }): Promise<ExpiredPayload | undefined>
  /** Waits for what was appended, then closes the files and lets go of the lock. Safe to call twice. */
  close(): Promise<void>
}
