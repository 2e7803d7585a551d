import { createHash } from 'node:crypto'
import { posix } from 'node:path'
import { ByteSource } from './byte-source.js'
import { compressionOf, decompressed } from './decompress.js'

/** What was found of the members that were asked for. */
export interface ArchiveMembers {
  /** SHA-256 by name; a folder, link or device has that of nothing. Absent: the archive has no such member. */
  readonly found: ReadonlyMap<string, string>
  /** Why the archive could not be read to its end; what was found before counts. */
  readonly problem?: string
}

const HEADER_BYTES = 110
const FIELD_BYTES = 8
const LONGEST_NAME = 4096
const TRAILER = 'TRAILER!!!'

/**
 * Looks for members of an initramfs: archives in the "newc" format one after another, zeros in between, the last of them
 * usually compressed (Documentation/driver-api/early-userspace/buffer-format.rst). Reads no further than it must; of
 * several members of one name the last that is read counts, as for the kernel, within one archive.
 * @param pieces the bytes of the image
 * @param names without a leading slash
 */
export async function readArchiveMembers(
  pieces: AsyncIterable<Uint8Array>,
  names: readonly string[],
): Promise<ArchiveMembers> {
  const wanted = new Set(names)
  const found = new Map<string, string>()
  const source = new ByteSource(pieces)
  try {
    const problem = await readArchives(source, wanted, found)
    return { found, ...(problem === undefined ? {} : { problem }) }
  } catch (error) {
    return { found, problem: error instanceof Error ? error.message : String(error) }
  } finally {
    await source.close()
  }
}

async function readArchives(
  source: ByteSource,
  wanted: ReadonlySet<string>,
  found: Map<string, string>,
): Promise<string | undefined> {
  for (;;) {
    const head = await source.peek(FIELD_BYTES)
    if (head.length === 0 || found.size === wanted.size) return undefined
    if (head[0] === 0) {
      // Archives begin at multiples of four, filled up with zeros.
      await source.skip(1)
      continue
    }
    if (head.toString('latin1', 0, 5) === '07070') {
      const problem = await readArchive(source, wanted, found)
      if (problem !== undefined) return problem
      continue
    }
    const compression = compressionOf(head)
    if (compression === undefined) return `it goes on with ${head.toString('hex')}, which is no archive that is known`
    const inner = new ByteSource(decompressed(compression, source.rest()))
    try {
      return await readArchives(inner, wanted, found)
    } finally {
      await inner.close()
    }
  }
}

/** One archive up to its trailer, or up to the last member that was asked for. */
async function readArchive(
  source: ByteSource,
  wanted: ReadonlySet<string>,
  found: Map<string, string>,
): Promise<string | undefined> {
  for (;;) {
    const header = Buffer.from(await source.peek(HEADER_BYTES))
    if (header.length < HEADER_BYTES || !(await source.skip(HEADER_BYTES))) return 'it ends in the middle of an archive'
    if (!/^07070[12]$/.test(header.toString('latin1', 0, 6))) return 'a member has no header'
    const size = field(header, 6)
    const nameSize = field(header, 11)
    if (!(nameSize > 0 && nameSize <= LONGEST_NAME && size >= 0)) return 'a member has an impossible header'
    const name = await text(source, nameSize)
    if (!(await source.skip(padding(HEADER_BYTES + nameSize)))) return 'it ends in the middle of a member'
    if (name === TRAILER) return undefined
    const key = posix.normalize(name).replace(/^\/+/, '')
    if (wanted.has(key)) {
      const hash = createHash('sha256')
      let taken = 0
      for await (const piece of source.take(size)) {
        hash.update(piece)
        taken += piece.length
      }
      if (taken < size) return 'it ends in the middle of a member'
      found.set(key, hash.digest('hex'))
      if (found.size === wanted.size) return undefined
    } else if (!(await source.skip(size))) return 'it ends in the middle of a member'
    await source.skip(padding(size))
  }
}

async function text(source: ByteSource, count: number): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of source.take(count)) pieces.push(piece)
  return Buffer.concat(pieces).toString('utf8').replace(/\0.*$/s, '')
}

/** The header is its magic number and fields of eight hexadecimal digits. */
function field(header: Buffer, index: number): number {
  const digits = header.toString('latin1', 6 + index * FIELD_BYTES, 6 + (index + 1) * FIELD_BYTES)
  return /^[0-9a-fA-F]{8}$/.test(digits) ? Number.parseInt(digits, 16) : -1
}

function padding(length: number): number {
  return (4 - (length % 4)) % 4
}
