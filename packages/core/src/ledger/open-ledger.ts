import { dirname } from 'node:path'
import { janusError } from '../errors/janus-error.js'
import { type FileOperations, fsyncDirectory, systemFileOperations } from '../state/file-operations.js'
import { createGroupCommit } from './group-commit.js'
import { keepTornBytes } from './keep-torn-bytes.js'
import { GENESIS_HASH, type LedgerRecord, REPAIRED_TYPE } from './ledger-record.js'
import { type LedgerFile, openLedgerFile } from './open-ledger-file.js'
import { ledgerDamaged } from './read-ledger.js'
import { type LedgerTorn, scanLedger } from './scan-ledger.js'

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
    const keptAs = end.torn && (await cutTorn(file, end.torn, now(), fileOperations))
    const commit = createGroupCommit({ ...end, path, descriptor: file.descriptor, now, operations: fileOperations })
    if (end.torn !== undefined) await commit.append(REPAIRED_TYPE, { ...end.torn, keptAs })
    return ledgerOver(path, commit)
  } catch (error) {
    await fileOperations.close(file.descriptor)
    throw error
  }
}

function ledgerOver(path: string, commit: ReturnType<typeof createGroupCommit>): Ledger {
  return {
    path,
    get lastSeq() {
      return commit.lastSeq
    },
    get lastHash() {
      return commit.lastHash
    },
    append: async (type, payload) => {
      if (type === '' || type.startsWith('ledger-')) {
        throw janusError('JANUS_INTERNAL', `a ledger record cannot be of the type ${JSON.stringify(type)}`)
      }
      return commit.append(type, payload)
    },
    close: () => commit.close(),
  }
}

interface LedgerEnd {
  readonly lastSeq: number
  readonly lastHash: string
  /** Bytes of intact records. */
  readonly offset: number
  readonly torn?: LedgerTorn
}

async function findEnd(file: LedgerFile): Promise<LedgerEnd> {
  let end: LedgerEnd = { lastSeq: 0, lastHash: GENESIS_HASH, offset: 0 }
  for await (const item of scanLedger(file.descriptor)) {
    if (item.kind === 'damage') throw ledgerDamaged(file.path, item)
    if (item.kind === 'torn') return { ...end, torn: { offset: item.offset, bytes: item.bytes } }
    end = { lastSeq: item.record.seq, lastHash: item.record.hash, offset: item.end }
  }
  return end
}

async function cutTorn(file: LedgerFile, torn: LedgerTorn, at: Date, operations: FileOperations): Promise<string> {
  try {
    const keptAs = await keepTornBytes(file.path, file.descriptor, torn, at, operations)
    await operations.truncate(file.descriptor, torn.offset)
    await operations.fsync(file.descriptor)
    return keptAs
  } catch (cause) {
    throw janusError('JANUS_LEDGER_WRITE_FAILED', `the unfinished end of ${file.path} could not be cut`, { cause })
  }
}

async function createdDurably(path: string, operations: FileOperations): Promise<void> {
  try {
    await fsyncDirectory(dirname(path), operations)
  } catch (cause) {
    throw janusError('JANUS_LEDGER_WRITE_FAILED', `${path} could not be made durable`, { cause })
  }
}
