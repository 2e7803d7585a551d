import { createHash } from 'node:crypto'
import { type BigIntStats, constants, createReadStream } from 'node:fs'
import { lstat, open, realpath } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { errnoOf } from '@janus/core/state'
import type { ResolvedBinary } from '../contract/warrant.js'
import { agentError } from '../errors/agent-error.js'
import { setBounded } from '../record/fold/bounded.js'

/** Where programs without a path are looked for: PATH belongs to whoever started us. */
export const PROGRAM_DIRECTORIES: readonly string[] = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin']

/** Digests of programs by everything the kernel tells of a file that was not touched since. */
export type DigestCache = Map<string, string>

const MOST_CACHED = 1000
const READ_BYTES = 1024 * 1024

/** How {@link resolveBinary} looks. */
export interface ResolveBinaryOptions {
  /** Where names are looked for. Default: {@link PROGRAM_DIRECTORIES}. */
  readonly directories?: readonly string[] | undefined
  /** Spares reading a program again that has not been touched. Left out where it is about to be run. */
  readonly digests?: DigestCache | undefined
}

/**
 * Finds a program and takes its measure: the file that would be run, with its digest.
 * @param command absolute path, or a name that is looked for in `directories`
 * @throws JANUS_AGENT_STALE when there is no such program, or it cannot be read
 */
export async function resolveBinary(
  command: string,
  { directories = PROGRAM_DIRECTORIES, digests }: ResolveBinaryOptions = {},
): Promise<ResolvedBinary> {
  if (command === '' || command.includes('\0') || (!isAbsolute(command) && command.includes('/'))) {
    throw missing(command, 'is neither an absolute path nor a name')
  }
  const candidates = isAbsolute(command) ? [command] : directories.map((directory) => join(directory, command))
  for (const candidate of candidates) {
    const found = await measure(candidate, digests)
    if (found !== undefined) return found
  }
  throw missing(command, isAbsolute(command) ? 'is not there' : `is in none of ${directories.join(', ')}`)
}

async function measure(candidate: string, digests: DigestCache | undefined): Promise<ResolvedBinary | undefined> {
  let path: string
  try {
    path = await realpath(candidate)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined
    throw missing(candidate, `cannot be found: ${errnoOf(error) ?? error}`)
  }
  return (await measureProgram(path, digests)).binary
}

/** A program as it was measured. */
export interface MeasuredProgram {
  readonly binary: ResolvedBinary
  /** When the kernel last saw it change, nanoseconds since the epoch: also its name and its links count. */
  readonly changed: bigint
}

/**
 * Takes the measure of a program.
 * @param path absolute and without links
 * @throws JANUS_AGENT_STALE
 */
export async function measureProgram(path: string, digests: DigestCache | undefined): Promise<MeasuredProgram> {
  if (digests !== undefined) {
    const found = await lstat(path, { bigint: true }).catch(() => undefined)
    const sha256 = found && digests.get(keyOf(found))
    if (found !== undefined && sha256 !== undefined) return measured(path, found, sha256)
  }
  // The measure is taken of the open file, so that all of it is of one and the same.
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: unknown) => {
      throw missing(path, `cannot be read: ${errnoOf(error) ?? error}`)
    },
  )
  try {
    const stat = await handle.stat({ bigint: true })
    if (!stat.isFile()) throw missing(path, 'is not a regular file')
    if ((stat.mode & 0o111n) === 0n) throw missing(path, 'is not executable')
    const sha256 = await digestOf(handle.fd)
    const after = await handle.stat({ bigint: true })
    if (keyOf(after) !== keyOf(stat)) throw missing(path, 'is being written')
    if (digests !== undefined) setBounded(digests, keyOf(stat), sha256, MOST_CACHED)
    return measured(path, stat, sha256)
  } finally {
    await handle.close()
  }
}

/** The time of change is the kernel's: nobody sets it back, as they may that of modification. It changes with the mode too. */
function keyOf({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return [dev, ino, size, mtimeNs, ctimeNs].join(' ')
}

function measured(path: string, { dev, ino, size, mtimeNs, ctimeNs }: BigIntStats, sha256: string): MeasuredProgram {
  const [device, inode, bytes] = [Number(dev), Number(ino), Number(size)]
  return { binary: { path, device, inode, size: bytes, modified: mtimeNs.toString(), sha256 }, changed: ctimeNs }
}

async function digestOf(descriptor: number): Promise<string> {
  const hash = createHash('sha256')
  const bytes = createReadStream('', { fd: descriptor, autoClose: false, start: 0, highWaterMark: READ_BYTES })
  for await (const piece of bytes) hash.update(piece as Buffer)
  return hash.digest('hex')
}

function missing(command: string, problem: string): Error {
  return agentError('JANUS_AGENT_STALE', `the program ${JSON.stringify(command)} ${problem}`, { data: { command } })
}
