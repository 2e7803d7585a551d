import { createHash, type Hash, randomBytes } from 'node:crypto'
import { constants, createReadStream, readFile } from 'node:fs'
import { chmod, mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { janusError } from '../errors/janus-error.js'
import { errnoOf } from './errno-of.js'
import { fsyncDirectory, systemFileOperations } from './file-operations.js'
import { openOwnFile } from './open-own-file.js'
import { isTemporaryName, writeFileDurably } from './write-file-durably.js'

/** A store of bytes named by their SHA-256, lower-case hex: what an undo puts back. */
export interface SavedBytes {
  /**
   * Keeps bytes, or those of a regular file (no link is followed). What is there already is not written again.
   * @returns their SHA-256, once they are on the disk
   * @throws the errno error of the call that failed; JANUS_CHANGE_REFUSED when the path is not a regular file
   */
  save(source: Uint8Array | AsyncIterable<Uint8Array> | { readonly path: string }): Promise<string>
  /**
   * Where the bytes lie, for the hand to copy them from. They have been read to the end: they are the ones that were saved.
   * @throws JANUS_SAVED_BYTES_MISSING when they are not there, or not those any more
   */
  locate(sha256: string): Promise<StoredFile>
  /** True when these bytes are there, by their name alone. */
  has(sha256: string): Promise<boolean>
  /** Bytes that the file system of the store has left for this user. */
  freeBytes(): Promise<number>
  /** @throws JANUS_SAVED_BYTES_MISSING when they are not there, or not those any more */
  load(sha256: string): Promise<Buffer>
  /** Removes what nothing refers to any more, and what interrupted writes left. Needs the host lock. */
  removeUnreferenced(referenced: ReadonlySet<string>): Promise<readonly string[]>
}

/** A file of the store. */
export interface StoredFile {
  readonly path: string
  /** Bytes. */
  readonly size: number
}

const SHA256 = /^[0-9a-f]{64}$/
const FILE_MODE = 0o600
const readDescriptor = promisify(readFile) as (descriptor: number) => Promise<Buffer>
const READ_BYTES = 256 * 1024

/**
 * Opens the store in a directory, which is created (0700) when the first bytes are saved.
 * @param directory absolute path, inside a checked state directory
 */
export function createSavedBytes(directory: string): SavedBytes {
  const pathOf = (sha256: string): string => join(directory, sha256)

  const isIntact = async (sha256: string): Promise<boolean> => {
    const found = await digestOfOwnFile(pathOf(sha256)).catch(() => undefined)
    return found?.sha256 === sha256
  }

  const saveBytes = async (bytes: Uint8Array): Promise<string> => {
    const sha256 = digestOf(bytes)
    if (await isIntact(sha256)) await fsyncDirectory(directory)
    else await writeFileDurably(pathOf(sha256), bytes, { mode: FILE_MODE })
    return sha256
  }

  const savePieces = async (pieces: AsyncIterable<Uint8Array>): Promise<string> => {
    const staged = join(directory, `.staged.janus-${randomBytes(8).toString('hex')}`)
    const hash = createHash('sha256')
    await writeFileDurably(staged, tapped(pieces, hash), { mode: FILE_MODE })
    const sha256 = hash.digest('hex')
    await rename(staged, pathOf(sha256))
    await fsyncDirectory(directory)
    return sha256
  }

  return {
    save: async (source) => {
      await createDurably(directory)
      if (source instanceof Uint8Array) return saveBytes(source)
      return savePieces('path' in source ? piecesOf(source.path) : source)
    },
    locate: async (sha256) => {
      const path = pathOf(SHA256.test(sha256) ? sha256 : 'invalid')
      const found = await digestOfOwnFile(path).catch((cause: unknown) =>
        Promise.reject(missing(sha256, path, 'cannot be read', cause)),
      )
      if (found.sha256 !== sha256) throw missing(sha256, path, 'are not those that were saved')
      return { path, size: found.size }
    },
    has: async (sha256) =>
      stat(pathOf(sha256)).then(
        (found) => found.isFile(),
        () => false,
      ),
    freeBytes: async () => {
      const { bavail, bsize } = await statfs(dirname(directory))
      return bavail * bsize
    },
    load: async (sha256) => {
      const path = pathOf(SHA256.test(sha256) ? sha256 : 'invalid')
      const bytes = await readOwnFile(path).catch((cause: unknown) =>
        Promise.reject(missing(sha256, path, 'cannot be read', cause)),
      )
      if (digestOf(bytes) !== sha256) throw missing(sha256, path, 'are not those that were saved')
      return bytes
    },
    removeUnreferenced: async (referenced) => {
      const names = await readdir(directory).catch((error: unknown) =>
        errnoOf(error) === 'ENOENT' ? [] : Promise.reject(error),
      )
      const unreferenced = names.filter((name) => SHA256.test(name) && !referenced.has(name)).sort()
      const leftOver = names.filter(isTemporaryName)
      for (const name of [...unreferenced, ...leftOver]) await rm(join(directory, name), { force: true })
      if (unreferenced.length + leftOver.length > 0) await fsyncDirectory(directory)
      return unreferenced
    },
  }
}

async function createDurably(directory: string): Promise<void> {
  try {
    await mkdir(directory, 0o700)
    await chmod(directory, 0o700)
    await fsyncDirectory(dirname(directory))
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
  }
}

async function readOwnFile(path: string): Promise<Buffer> {
  const { descriptor } = await openOwnFile(path, { write: false })
  try {
    return await readDescriptor(descriptor)
  } finally {
    await systemFileOperations.close(descriptor)
  }
}

async function digestOfOwnFile(path: string): Promise<{ readonly sha256: string; readonly size: number }> {
  const { descriptor, size } = await openOwnFile(path, { write: false })
  const hash = createHash('sha256')
  // The stream closes the descriptor, whatever happens.
  for await (const piece of createReadStream('', { fd: descriptor, highWaterMark: READ_BYTES })) {
    hash.update(piece as Buffer)
  }
  return { sha256: hash.digest('hex'), size }
}

async function* tapped(pieces: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const piece of pieces) {
    hash.update(piece)
    yield piece
  }
}

async function* piecesOf(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    if (!(await handle.stat()).isFile())
      throw janusError('JANUS_CHANGE_REFUSED', `${path} is not a regular file`, { data: { path } })
    for (;;) {
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(READ_BYTES), 0, READ_BYTES, null)
      if (bytesRead === 0) return
      yield buffer.subarray(0, bytesRead)
    }
  } finally {
    await handle.close()
  }
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function missing(sha256: string, path: string, problem: string, cause?: unknown): Error {
  return janusError('JANUS_SAVED_BYTES_MISSING', `the saved bytes ${sha256} ${problem}: ${path}`, {
    data: { sha256, path },
    cause,
  })
}
