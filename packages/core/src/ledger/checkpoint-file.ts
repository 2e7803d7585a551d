import { read } from 'node:fs'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { isJanusError, janusError } from '../errors/janus-error.js'
import { errnoOf } from '../state/errno-of.js'
import { type FileOperations, fsyncDirectory, systemFileOperations, writeAll } from '../state/file-operations.js'
import { openOwnFile } from '../state/open-own-file.js'
import { parseCheckpoint } from './checkpoint.js'
import { cutTornEnd } from './cut-torn-end.js'
import { openToAppend } from './open-ledger-file.js'
import type { LedgerTorn } from './scan-ledger.js'

/** What a file of checkpoints holds. */
export interface CheckpointFile {
  /** Every note, in order. */
  readonly notes: readonly string[]
  /** An unfinished last one. */
  readonly torn?: LedgerTorn
}

/** How a checkpoint is appended. */
export interface AppendCheckpointOptions {
  readonly now?: () => Date
  readonly fileOperations?: FileOperations
}

const NEWLINE = 0x0a
const MOST_BYTES = 256 * 1024 * 1024
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const readOnce = promisify(read)

/**
 * Appends a checkpoint to a file of them, durably: notes one after another, an empty line between two. What a crash left unfinished at the end is
 * cut first and kept beside the file. A ledger never signs two histories, so one that does not follow the last is refused.
 * @param path absolute path; its directory has been checked. Created when absent. Only the writer of the ledger calls this.
 * @throws JANUS_LEDGER_CONFLICT: a later one, or another one of that size, is there already; JANUS_NOTE_INVALID; JANUS_STATE_DENIED; JANUS_STATE_UNSAFE;
 * JANUS_LEDGER_WRITE_FAILED
 */
export async function appendCheckpoint(
  path: string,
  note: string,
  { now = () => new Date(), fileOperations: operations = systemFileOperations }: AppendCheckpointOptions = {},
): Promise<void> {
  const next = parseCheckpoint(note)
  try {
    const { descriptor, created, size } = await openToAppend(path, operations)
    try {
      if (created) await fsyncDirectory(dirname(path), operations)
      const { notes, torn } = splitNotes(path, await readBytes(path, descriptor, size))
      const last = notes.at(-1)
      if (last !== undefined) requireOrder(path, parseCheckpoint(last), next)
      if (torn !== undefined) await cutTornEnd({ path, descriptor }, torn, now(), operations)
      await writeAll(descriptor, Buffer.from(last === undefined ? note : `\n${note}`), operations)
      await operations.fsync(descriptor)
    } finally {
      await operations.close(descriptor)
    }
  } catch (cause) {
    if (isJanusError(cause)) throw cause
    throw janusError('JANUS_LEDGER_WRITE_FAILED', `${path} could not be written`, { data: { path }, cause })
  }
}

/**
 * Reads a file of checkpoints; an absent one has none. Nothing in it may be believed before it is verified.
 * @param path absolute path
 * @throws JANUS_NOTE_INVALID when it is not UTF-8; JANUS_STATE_DENIED; JANUS_STATE_UNSAFE
 */
export async function readCheckpoints(path: string): Promise<CheckpointFile> {
  try {
    const { descriptor, size } = await openOwnFile(path, { write: false })
    try {
      return splitNotes(path, await readBytes(path, descriptor, size))
    } finally {
      await systemFileOperations.close(descriptor)
    }
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return { notes: [] }
    throw error
  }
}

/** A note ends with the empty line after its signatures. What is in it is looked at when it is parsed. */
function splitNotes(path: string, bytes: Buffer): CheckpointFile {
  const text = textOf(path, bytes.subarray(0, bytes.lastIndexOf(NEWLINE) + 1))
  const notes: string[] = []
  let end = 0
  const endOfNote = /(?:^|\n)— [^\n]*\n(?=\n|$)/g
  for (let found = endOfNote.exec(text); found !== null; found = endOfNote.exec(text)) {
    notes.push(text.slice(notes.length === 0 ? 0 : end + 1, endOfNote.lastIndex))
    end = endOfNote.lastIndex
  }
  const whole = Buffer.byteLength(text.slice(0, end))
  return { notes, ...(whole < bytes.length && { torn: { offset: whole, bytes: bytes.length - whole } }) }
}

/** What ends amid a character ends amid a line. */
function textOf(path: string, bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes)
  } catch {
    throw notText(path, 'it is not UTF-8')
  }
}

async function readBytes(path: string, descriptor: number, size: number): Promise<Buffer> {
  if (size > MOST_BYTES) throw notText(path, `it has more than ${MOST_BYTES} bytes`)
  const buffer = Buffer.alloc(size)
  let bytes = 0
  while (bytes < size) {
    const { bytesRead } = await readOnce(descriptor, buffer, bytes, size - bytes, bytes)
    if (bytesRead === 0) break
    bytes += bytesRead
  }
  return buffer.subarray(0, bytes)
}

function requireOrder(path: string, last: { size: number; hash: string }, next: { size: number; hash: string }): void {
  if (next.size > last.size || (next.size === last.size && next.hash === last.hash)) return
  const message = `${path} has a checkpoint of ${last.size} records already, and one of ${next.size} does not follow it`
  throw janusError('JANUS_LEDGER_CONFLICT', message, {
    remedy: 'The ledger may be an older copy of itself. Verify it before anything is appended.',
    data: { path, expected: last.size, actual: next.size },
  })
}

function notText(path: string, problem: string): Error {
  const message = `${path} holds no checkpoints: ${problem}`
  return janusError('JANUS_NOTE_INVALID', message, { data: { path, reason: 'malformed' } })
}
