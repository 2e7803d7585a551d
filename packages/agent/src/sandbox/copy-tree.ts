import { constants } from 'node:fs'
import { chown, type FileHandle, mkdir, open, readdir } from 'node:fs/promises'

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
const CHUNK = 256 * 1024
const PRIVATE = 0o700
const EXECUTABLE = 0o100

/**
 * Copies regular files and directories, and follows no link: each entry is opened by its name in a directory that is open already (openat(2), through
 * /proc/self/fd), and looked at through its descriptor. What else lies there is left out, as are set-user-ID bits and times.
 * @param from and into directories that are there
 */
export async function copyTree(from: string, into: string, options: CopyOptions): Promise<CopiedTree> {
  const totals = { files: 0, bytes: 0, leftOut: 0, entries: 0 }
  const source = await open(from, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await copyDirectory(source, into, options, totals, 0)
  } finally {
    await source.close()
  }
  const { files, bytes, leftOut } = totals
  return { files, bytes, leftOut }
}

interface Totals {
  files: number
  bytes: number
  leftOut: number
  entries: number
}

async function copyDirectory(
  source: FileHandle,
  into: string,
  options: CopyOptions,
  totals: Totals,
  depth: number,
): Promise<void> {
  const names = await readdir(`/proc/self/fd/${source.fd}`, { encoding: 'buffer' })
  for (const name of names) {
    totals.entries += 1
    const text = name.toString('utf8')
    // What is not UTF-8 could not be named again.
    const isNameable = Buffer.from(text).equals(name)
    if (totals.entries > MOST_ENTRIES || depth >= DEEPEST || !isNameable) totals.leftOut += 1
    else await copyEntry(source, text, into, options, totals, depth)
  }
}

async function copyEntry(
  directory: FileHandle,
  name: string,
  into: string,
  options: CopyOptions,
  totals: Totals,
  depth: number,
): Promise<void> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK, O_NOCTTY } = constants
  const entry = await open(
    `/proc/self/fd/${directory.fd}/${name}`,
    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
  ).catch(() => undefined)
  if (entry === undefined) {
    totals.leftOut += 1
    return
  }
  try {
    const stats = await entry.stat()
    const target = `${into}/${name}`
    if (stats.isDirectory()) {
      await mkdir(target, { mode: PRIVATE }).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error
      })
      if (options.owner !== undefined && isRoot()) await chown(target, options.owner.uid, options.owner.gid)
      await copyDirectory(entry, target, options, totals, depth + 1)
    } else if (stats.isFile() && totals.bytes + stats.size <= options.mostBytes) {
      totals.bytes += await copyFile(
        entry,
        target,
        stats.size,
        (stats.mode & EXECUTABLE) === 0 ? 0o600 : PRIVATE,
        options,
      )
      totals.files += 1
    } else {
      totals.leftOut += 1
    }
  } finally {
    await entry.close()
  }
}

async function copyFile(
  source: FileHandle,
  target: string,
  size: number,
  mode: number,
  { owner }: CopyOptions,
): Promise<number> {
  const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants
  const copy = await open(target, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode)
  try {
    const buffer = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(size, 1)))
    let position = 0
    while (position < size) {
      const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, size - position), position)
      if (bytesRead === 0) break
      await writeAll(copy, buffer.subarray(0, bytesRead), position)
      position += bytesRead
    }
    if (owner !== undefined && isRoot()) await copy.chown(owner.uid, owner.gid)
    return position
  } finally {
    await copy.close()
  }
}

/** Less than was asked for may be written, without an error (ENOSPC comes with the next write). */
async function writeAll(file: FileHandle, bytes: Buffer, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done)
    if (bytesWritten === 0) throw new Error('nothing more could be written')
    done += bytesWritten
  }
}

function isRoot(): boolean {
  return process.geteuid?.() === 0
}
