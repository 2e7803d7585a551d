import { accessSync, constants, readdirSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs'
import { posix, resolve } from 'node:path'
import type { Host, HostStat, Reading, UnreadableReason } from '../contract/host.js'
import { isHangingAttribute } from './hanging-attributes.js'
import { normaliseHostPath, resolveLinkTarget, sortByCodePoint } from './host-path.js'
import { MAXIMUM_BYTES, MAXIMUM_TEXT_BYTES, readBounded, readingOfError } from './read-bounded.js'
import { MAXIMUM_PIECES_BYTES, onePiece, readPieces } from './read-pieces.js'
import { locateInTree, type TreeLocation } from './tree-paths.js'

/** Options of {@link createLiveHost}. */
export interface LiveHostOptions {
  /** `/` for the machine itself, else the directory of a captured tree. Default `/`. */
  readonly root?: string
  /** Reads an attribute whose read can hang, in a disposable process. Without it such an attribute is read directly. */
  readonly readHanging?: (path: string) => Promise<Reading<string>>
}

/**
 * Makes a host of the machine itself, or of a directory that holds a captured tree.
 * @param options root, and how attributes that can hang are read
 */
export function createLiveHost(options: LiveHostOptions = {}): Host {
  const root = realRoot(options.root ?? '/')
  const isLive = root === '/'
  const files = filesUnder(root)
  const readHanging = isLive ? options.readHanging : undefined
  return {
    kind: isLive ? 'live' : 'tree',
    root,
    description: isLive ? 'this machine' : `tree ${posix.basename(root)}`,
    async readText(path) {
      const hanging = hangingPath(path)
      if (readHanging !== undefined && hanging !== undefined) return readHanging(hanging)
      return mapReading(files.readBytes(path, MAXIMUM_TEXT_BYTES), (bytes) => bytes.toString('utf8'))
    },
    async readBytes(path) {
      const hanging = hangingPath(path)
      if (readHanging !== undefined && hanging !== undefined) {
        return mapReading(await readHanging(hanging), (text) => Buffer.from(text))
      }
      return files.readBytes(path, MAXIMUM_BYTES)
    },
    async readPieces(path) {
      const hanging = hangingPath(path)
      if (readHanging !== undefined && hanging !== undefined) {
        return mapReading(await readHanging(hanging), (text) => onePiece(Buffer.from(text)))
      }
      return mapReading(files.locateFile(path), (real) => readPieces(real, path))
    },
    readLink: async (path) => files.readLink(path),
    readLinkText: async (path) => files.readLinkText(path),
    list: async (path) => files.list(path),
    async exists(path) {
      return files.stat(path).value !== undefined
    },
    stat: async (path) => files.stat(path),
  }
}

function hangingPath(path: string): string | undefined {
  const normalised = normaliseHostPath(path)
  return normalised !== undefined && isHangingAttribute(normalised) ? normalised : undefined
}

function mapReading<From, To>(reading: Reading<From>, map: (value: From) => To): Reading<To> {
  if (reading.value !== undefined) return { value: map(reading.value) }
  return reading.unreadable === undefined ? {} : { unreadable: reading.unreadable }
}

function filesUnder(root: string) {
  const prefix = root === '/' ? '' : root

  function locate(path: string, followLast: boolean): TreeLocation {
    const normalised = normaliseHostPath(path)
    if (normalised === undefined) return { unreadable: 'error' }
    return prefix === '' ? { real: normalised } : locateInTree(prefix, normalised, followLast)
  }

  // Every read goes through here: the path is located, what the operating system throws becomes a reading, and
  // nothing found in a tree is told apart from nothing captured.
  function reading<Value>(path: string, followLast: boolean, read: (real: string) => Reading<Value>): Reading<Value> {
    try {
      const location = locate(path, followLast)
      if (location.real === undefined) return { unreadable: location.unreadable }
      const answer = read(location.real)
      return answer.value === undefined && answer.unreadable === undefined ? missing(location.real) : answer
    } catch (error) {
      return readingOfError(error)
    }
  }

  function missing(real: string): { readonly unreadable?: UnreadableReason } {
    if (prefix === '' || !isKernelPath(real)) return {}
    const parent = statSync(prefix + posix.dirname(real), { throwIfNoEntry: false })
    return parent === undefined ? { unreadable: 'not-captured' } : {}
  }

  function statReal(real: string): Stats | undefined {
    return statSync(prefix + real, { throwIfNoEntry: false })
  }

  return {
    readBytes: (path: string, most: number) =>
      reading<Buffer>(path, true, (real) => {
        const stats = statReal(real)
        if (stats === undefined) return {}
        return stats.isFile() ? readBounded(prefix + real, most) : { unreadable: 'error' }
      }),
    locateFile: (path: string) =>
      reading<string>(path, true, (real) => {
        const stats = statReal(real)
        if (stats === undefined) return {}
        if (!stats.isFile()) return { unreadable: 'error' }
        if (stats.size > MAXIMUM_PIECES_BYTES) return { unreadable: 'too-large' }
        accessSync(prefix + real, constants.R_OK)
        return { value: prefix + real }
      }),
    readLink: (path: string) =>
      reading<string>(path, false, (real) => {
        const raw = readRawLink(prefix + real)
        if (raw === undefined) return {}
        const directory = prefix === '' ? realpathSync.native(posix.dirname(real)) : posix.dirname(real)
        const target = resolveLinkTarget(directory, raw)
        return target === undefined ? { unreadable: 'outside-root' } : { value: target }
      }),
    readLinkText: (path: string) => reading<string>(path, false, (real) => ({ value: readRawLink(prefix + real) })),
    list: (path: string) =>
      reading<readonly string[]>(path, true, (real) => {
        const stats = statReal(real)
        if (stats === undefined) return {}
        return { value: sortByCodePoint(readdirSync(prefix + real)) }
      }),
    stat: (path: string) =>
      reading<HostStat>(path, true, (real) => {
        const stats = statReal(real)
        return stats === undefined ? {} : { value: hostStatOf(stats) }
      }),
  }
}

// A tree is a copy of what somebody chose to copy: a kernel path whose directory is not even there was not captured.
function isKernelPath(path: string): boolean {
  return /^\/(sys|proc|dev|run)(\/|$)/.test(path)
}

function readRawLink(file: string): string | undefined {
  try {
    return readlinkSync(file)
  } catch (error) {
    // EINVAL: it exists and is no link, so there is no target.
    if ((error as NodeJS.ErrnoException).code === 'EINVAL') return undefined
    throw error
  }
}

function hostStatOf(stats: Stats): HostStat {
  const device = stats.isCharacterDevice() || stats.isBlockDevice() ? deviceNumber(stats.rdev) : undefined
  return {
    type: typeOf(stats),
    mode: stats.mode & 0o7777,
    uid: stats.uid,
    gid: stats.gid,
    size: stats.size,
    ...(device === undefined ? {} : { device }),
  }
}

function typeOf(stats: Stats): HostStat['type'] {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  if (stats.isCharacterDevice()) return 'character-device'
  return stats.isBlockDevice() ? 'block-device' : 'other'
}

/**
 * Text `major:minor` of a device number as glibc encodes it (makedev(3)).
 * @param rdev device number from stat
 */
export function deviceNumber(rdev: number): string {
  const value = BigInt(rdev)
  const major = ((value >> 8n) & 0xfffn) | ((value >> 32n) & 0xfffff000n)
  const minor = (value & 0xffn) | ((value >> 12n) & 0xffffff00n)
  return `${major}:${minor}`
}

function realRoot(root: string): string {
  const absolute = resolve(root)
  try {
    return realpathSync.native(absolute)
  } catch {
    return absolute
  }
}
