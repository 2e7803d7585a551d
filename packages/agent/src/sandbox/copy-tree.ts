import {
  chownSync,
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  mkdirSync,
  opendirSync,
  openSync,
  readSync,
  type Stats,
  writeSync,
} from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** How a tree is copied. */
export interface CopyOptions {
  /** Bytes of all files together, as their sizes say: a sparse file counts whole. */
  readonly mostBytes: number
  /** Whom the copies belong to, where root makes them; undefined: to the caller. */
  readonly owner: { readonly uid: number; readonly gid: number } | undefined
}

/** What was copied, and what was not. */
export interface CopiedTree {
  readonly files: number
  readonly bytes: number
  /** Entries that are neither a regular file nor a directory, or beyond a bound. */
  readonly leftOut: number
}

const DEEPEST = 64
const MOST_ENTRIES = 65_536
const CHUNK = 64 * 1024
const PRIVATE = 0o700
const PRIVATE_FILE = 0o600
const EXECUTABLE = 0o100
/** Work after which others get their turn: an entry counts as this many bytes. */
const SLICE = 1024 * 1024
const ENTRY = 16 * 1024
const NAMES = 64

/**
 * Copies regular files and directories, and follows no link: each entry is opened by its name in a directory that is open already (openat(2), through
 * /proc/self/fd), and looked at through its descriptor. What else lies there is left out, as are set-user-ID bits and times. In short slices, without
 * threads: a hundred thousand small steps cost less that way.
 * @param from and into directories that are there
 */
export async function copyTree(from: string, into: string, options: CopyOptions): Promise<CopiedTree> {
  const work: Work = { files: 0, bytes: 0, leftOut: 0, entries: 0, done: 0, options, buffer: Buffer.alloc(CHUNK) }
  const source = openSync(from, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await copyDirectory(source, into, work, 0)
  } finally {
    closeSync(source)
  }
  const { files, bytes, leftOut } = work
  return { files, bytes, leftOut }
}

interface Work {
  files: number
  bytes: number
  leftOut: number
  entries: number
  /** Since the last turn of somebody else. */
  done: number
  readonly options: CopyOptions
  readonly buffer: Buffer
}

/** One name after the other: there may be very many. */
async function copyDirectory(source: number, into: string, work: Work, depth: number): Promise<void> {
  const directory = opendirSync(`/proc/self/fd/${source}`, { encoding: 'latin1', bufferSize: NAMES })
  try {
    for (let entry = directory.readSync(); entry !== null; entry = directory.readSync()) {
      work.entries += 1
      const name = asUtf8(entry.name)
      if (work.entries > MOST_ENTRIES || depth >= DEEPEST || name === undefined) work.leftOut += 1
      else await copyEntry(source, name, into, work, depth)
      await pause(work, ENTRY)
    }
  } finally {
    directory.closeSync()
  }
}

/** @param name its bytes, a character for each. @returns undefined when they are not UTF-8: it could not be named again */
function asUtf8(name: string): string | undefined {
  const bytes = Buffer.from(name, 'latin1')
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? text : undefined
}

async function copyEntry(directory: number, name: string, into: string, work: Work, depth: number): Promise<void> {
  const entry = openQuietly(`/proc/self/fd/${directory}/${name}`)
  if (entry === undefined) {
    work.leftOut += 1
    return
  }
  try {
    const stats = fstatSync(entry)
    const target = `${into}/${name}`
    if (stats.isDirectory()) {
      makeDirectory(target, work.options)
      await copyDirectory(entry, target, work, depth + 1)
    } else if (stats.isFile() && work.bytes + stats.size <= work.options.mostBytes) {
      work.bytes += await copyFile(entry, target, stats, work)
      work.files += 1
    } else {
      work.leftOut += 1
    }
  } finally {
    closeSync(entry)
  }
}

/** Nothing that lies there may block, or become anybody's terminal. */
function openQuietly(path: string): number | undefined {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants
  try {
    return openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
  } catch {
    return undefined
  }
}

function makeDirectory(path: string, { owner }: CopyOptions): void {
  try {
    mkdirSync(path, { mode: PRIVATE })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  if (owner !== undefined && isRoot()) chownSync(path, owner.uid, owner.gid)
}

async function copyFile(source: number, target: string, { size, mode }: Stats, work: Work): Promise<number> {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants
  const isExecutable = (mode & EXECUTABLE) !== 0
  const copy = openSync(target, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, isExecutable ? PRIVATE : PRIVATE_FILE)
  try {
    let position = 0
    while (position < size) {
      const count = readSync(source, work.buffer, 0, Math.min(CHUNK, size - position), position)
      if (count === 0) break
      writeAll(copy, work.buffer.subarray(0, count))
      position += count
      await pause(work, count)
    }
    const { owner } = work.options
    if (owner !== undefined && isRoot()) fchownSync(copy, owner.uid, owner.gid)
    return position
  } finally {
    closeSync(copy)
  }
}

/** Less than was asked for may be written, without an error: ENOSPC comes with the next write. */
function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    const written = writeSync(file, bytes, done)
    if (written === 0) throw new Error('nothing more could be written')
    done += written
  }
}

async function pause(work: Work, amount: number): Promise<void> {
  work.done += amount
  if (work.done < SLICE) return
  work.done = 0
  await nextTurn()
}

function isRoot(): boolean {
  return process.geteuid?.() === 0
}
