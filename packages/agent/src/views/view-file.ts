import { type BigIntStats, fstat } from 'node:fs'
import { lstat, rename } from 'node:fs/promises'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import {
  errnoOf,
  openOwnFile,
  requireTrustedPath,
  systemFileOperations,
  unsyncedFileOperations,
  writeAll,
  writeFileDurably,
} from '@janus/core/state'

/** How a file stood when it was last written here. Nobody changes a file and keeps all of it: the time of change is the kernel's (inode(7)). */
export interface ViewMark {
  readonly inode: string
  readonly bytes: string
  readonly modified: string
  readonly changed: string
}

// What happened is for the group to read, as log files are.
const FILE_MODE = 0o640
const statDescriptor = promisify(fstat) as unknown as (fd: number, options: { bigint: true }) => Promise<BigIntStats>

/**
 * Adds text to the end of a view.
 * @param mark how it was left; undefined for one that is not there yet
 * @returns how it is left now; undefined, with nothing written, when it is not as it was left
 * @throws JANUS_STATE_UNSAFE; JANUS_STATE_DENIED; the errno error of the call that failed
 */
export async function appendToView(
  path: string,
  text: string,
  mark: ViewMark | undefined,
): Promise<ViewMark | undefined> {
  await requireTrustedPath(dirname(path), ownUser())
  const file = await openOwnFile(path, { write: true, append: true, createMode: FILE_MODE })
  try {
    const found = file.created ? undefined : markOf(await statDescriptor(file.descriptor, { bigint: true }))
    if (!isSameMark(found, mark)) return undefined
    await writeAll(file.descriptor, Buffer.from(text))
    return markOf(await statDescriptor(file.descriptor, { bigint: true }))
  } finally {
    await systemFileOperations.close(file.descriptor)
  }
}

/**
 * Puts a view in the place of what is there, if anything is.
 * @throws as {@link appendToView}
 */
export async function replaceView(path: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<ViewMark> {
  await requireTrustedPath(dirname(path), ownUser())
  await writeFileDurably(path, content, { mode: FILE_MODE, operations: unsyncedFileOperations })
  const mark = await readViewMark(path)
  if (mark === undefined) throw new Error(`${path} was removed while it was written`)
  return mark
}

/** How a view stands; undefined when nothing is there. */
export async function readViewMark(path: string): Promise<ViewMark | undefined> {
  try {
    return markOf(await lstat(path, { bigint: true }))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** True when nothing was written in between. */
export function isSameMark(left: ViewMark | undefined, right: ViewMark | undefined): boolean {
  if (left === undefined || right === undefined) return left === right
  return (
    left.inode === right.inode &&
    left.bytes === right.bytes &&
    left.modified === right.modified &&
    left.changed === right.changed
  )
}

/**
 * Moves what was found in the place of a view aside, where it stays.
 * @returns where it is now
 */
export async function setAside(path: string, seq: number): Promise<string> {
  for (let number = 1; ; number += 1) {
    const aside = `${path}.foreign-${seq}${number === 1 ? '' : `-${number}`}`
    if ((await readViewMark(aside)) !== undefined) continue
    await rename(path, aside)
    return aside
  }
}

function markOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): ViewMark {
  return { inode: `${ino}`, bytes: `${size}`, modified: `${mtimeNs}`, changed: `${ctimeNs}` }
}

function ownUser(): number {
  return process.geteuid?.() ?? 0
}
