import { dirname } from 'node:path'
import { janusError } from '../errors/janus-error.js'
import { type FileOperations, fsyncDirectory, systemFileOperations } from '../state/file-operations.js'
import { cutTornEnd } from './cut-torn-end.js'
import { createGroupCommit, type GroupCommit } from './group-commit.js'
import { type LedgerRecord, REPAIRED_TYPE } from './ledger-record.js'
import { createFileTail } from './ledger-tail.js'
import { type LedgerFile, openLedgerFile } from './open-ledger-file.js'
import { ownType } from './own-type.js'
import { ledgerDamaged } from './read-ledger.js'
import { type LedgerTorn, scanLedger } from './scan-ledger.js'
import { EMPTY_HEAD, headAfter, type LedgerHead } from './segment-chain.js'

/** How a ledger is opened for appending. */
export interface OpenLedgerOptions {
  /** Absolute path of the file; created when absent. Its directory exists and has been checked. */
  readonly path: string
  /** The wall clock. Default: that of the machine. */
  readonly now?: () => Date
  /** System calls, for fault tests. Default: the kernel's. */
  readonly fileOperations?: FileOperations
}

/** A ledger open for appending, by this process alone. */
export interface Ledger {
  readonly path: string
  /** Sequence number of the last record appended or found; 0 when there is none. */
  readonly lastSeq: number
  readonly lastHash: string
  /**
   * Appends one record. The order of the calls is the order of the records; calls made while a write is under way share the next one.
   * @param type what the record is; names that begin with `ledger-` are the ledger's own
   * @param payload a JSON value
   * @returns the record, once it is on the disk
   * @throws JANUS_LEDGER_WRITE_FAILED: it is not, and this ledger takes no further record
   */
  append(type: string, payload: unknown): Promise<LedgerRecord>
  /** Waits for what was appended, then closes the file. Safe to call twice. */
  close(): Promise<void>
}

/**
 * Opens a ledger as its only writer: takes the kernel's lock on the file, verifies every record, cuts an unfinished
 * last line (keeping its bytes beside the ledger and saying so in a `ledger-repaired` record).
 * @throws JANUS_LEDGER_DAMAGED: the file is left as it is; JANUS_STATE_LOCKED: another process has it open;
 * JANUS_STATE_DENIED; JANUS_STATE_UNSAFE; JANUS_LEDGER_WRITE_FAILED
 */
export async function openLedger(options: OpenLedgerOptions): Promise<Ledger> {
  const { path, now = () => new Date(), fileOperations = systemFileOperations } = options
  const file = await openLedgerFile(path, fileOperations)
  try {
    if (file.created) await createdDurably(path, fileOperations)
    const end = await findEnd(file)
    const keptAs = end.torn && (await cutTornEnd(file, end.torn, now(), fileOperations))
    const tail = createFileTail(file.descriptor, end.offset, fileOperations)
    const commit = createGroupCommit({ path, tail, head: end.head, now })
    if (end.torn !== undefined) await commit.append([{ type: REPAIRED_TYPE, payload: { ...end.torn, keptAs } }])
    return ledgerOver(path, commit)
  } catch (error) {
    await fileOperations.close(file.descriptor)
    throw error
  }
}

function ledgerOver(path: string, commit: GroupCommit): Ledger {
  return {
    path,
    get lastSeq() {
      return commit.head.seq
    },
    get lastHash() {
      return commit.head.hash
    },
    append: async (type, payload) => {
      const [record] = await commit.append([ownType({ type, payload })])
      return record as LedgerRecord
    },
    close: () => commit.close(),
  }
}

interface LedgerEnd {
  readonly head: LedgerHead
  /** Bytes of intact records. */
  readonly offset: number
  readonly torn?: LedgerTorn
}

async function findEnd(file: LedgerFile): Promise<LedgerEnd> {
  let end: LedgerEnd = { head: EMPTY_HEAD, offset: 0 }
  for await (const item of scanLedger(file.descriptor)) {
    if (item.kind === 'damage') throw ledgerDamaged(file.path, item)
    if (item.kind === 'torn') return { ...end, torn: { offset: item.offset, bytes: item.bytes } }
    end = { head: headAfter(item.records.at(-1)), offset: item.end }
  }
  return end
}

async function createdDurably(path: string, operations: FileOperations): Promise<void> {
  try {
    await fsyncDirectory(dirname(path), operations)
  } catch (cause) {
    throw janusError('JANUS_LEDGER_WRITE_FAILED', `${path} could not be made durable`, { cause })
  }
}
