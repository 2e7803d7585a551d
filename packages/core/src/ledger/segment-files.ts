import { lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { janusError } from '../errors/janus-error.js'
import { errnoOf } from '../state/errno-of.js'
import { type FileOperations, fsyncDirectory, systemFileOperations } from '../state/file-operations.js'
import { openOwnFile } from '../state/open-own-file.js'
import { shellWord } from '../state/shell-word.js'
import { openToAppend } from './open-ledger-file.js'

const SEGMENT_NAME = /^(\d{6,})\.jsonl$/

/** Path of a segment; they count from 1. */
export function segmentPath(directory: string, segment: number): string {
  return join(directory, `${String(segment).padStart(6, '0')}.jsonl`)
}

/**
 * Numbers of the segments in a directory, in order; whatever else lies there is not a segment. None when there is no directory.
 * @throws JANUS_STATE_DENIED
 */
export async function listSegments(directory: string): Promise<readonly number[]> {
  const numbers = (await namesIn(directory)).flatMap((name) => {
    const segment = Number(SEGMENT_NAME.exec(name)?.[1])
    return Number.isSafeInteger(segment) && segmentPath('', segment) === name ? [segment] : []
  })
  return numbers.sort((left, right) => left - right)
}

/** Whether a segment is there. */
export async function hasSegment(directory: string, segment: number): Promise<boolean> {
  return lstat(segmentPath(directory, segment)).then(
    () => true,
    () => false,
  )
}

/**
 * Opens a segment for reading.
 * @returns its descriptor, or undefined when it is not there
 * @throws JANUS_STATE_DENIED; JANUS_STATE_UNSAFE
 */
export async function openSegmentForReading(directory: string, segment: number): Promise<number | undefined> {
  try {
    return (await openOwnFile(segmentPath(directory, segment), { write: false })).descriptor
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Opens the last segment for appending.
 * @throws JANUS_STATE_DENIED; JANUS_STATE_UNSAFE; the errno error of open
 */
export async function openSegment(directory: string, segment: number, operations: FileOperations): Promise<number> {
  return (await openToAppend(segmentPath(directory, segment), operations)).descriptor
}

/**
 * Creates a segment and opens it for appending: its name is on the disk before anything is in it.
 * @throws JANUS_STATE_DENIED; JANUS_STATE_UNSAFE when it exists; the errno error of the call that failed
 */
export async function createSegment(directory: string, segment: number, operations: FileOperations): Promise<number> {
  const path = segmentPath(directory, segment)
  const { descriptor, created } = await openToAppend(path, operations)
  try {
    if (!created) {
      const remedy = `Nobody else may write there. Look what it is, then move it away: mv ${shellWord(path)} ${shellWord(`${path}.foreign`)}`
      throw janusError('JANUS_STATE_UNSAFE', `${path} has appeared while the ledger was open`, {
        remedy,
        data: { path },
      })
    }
    await fsyncDirectory(directory, operations)
    return descriptor
  } catch (error) {
    await operations.close(descriptor)
    // Urgent records may still follow in the segment before, which is the last one then.
    if (created) await rm(path, { force: true }).catch(() => undefined)
    throw error
  }
}

/**
 * Removes segments, the oldest first, so that what is left is without a gap whenever this is interrupted.
 * @throws the errno error of the call that failed
 */
export async function removeSegments(
  directory: string,
  segments: readonly number[],
  operations: FileOperations,
): Promise<void> {
  for (const segment of segments) await rm(segmentPath(directory, segment), { force: true })
  if (segments.length > 0) await fsyncDirectory(directory, operations)
}

/** Runs work on a segment open for reading; undefined when the segment is not there. */
export async function withSegment<Result>(
  directory: string,
  segment: number,
  work: (descriptor: number) => Promise<Result>,
): Promise<Result | undefined> {
  const descriptor = await openSegmentForReading(directory, segment)
  if (descriptor === undefined) return undefined
  try {
    return await work(descriptor)
  } finally {
    await systemFileOperations.close(descriptor)
  }
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory)
  } catch (cause) {
    const errno = errnoOf(cause)
    if (errno === 'ENOENT') return []
    if (errno !== 'EACCES' && errno !== 'EPERM') throw cause
    const data = { path: directory }
    throw janusError('JANUS_STATE_DENIED', `${directory} may not be read by this user`, { data, cause })
  }
}
