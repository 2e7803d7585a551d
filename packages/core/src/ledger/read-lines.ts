import { isAscii, isUtf8 } from 'node:buffer'
import { read } from 'node:fs'
import { promisify } from 'node:util'
import { MAX_LINE_BYTES } from './ledger-record.js'

/** One line of a file. */
export interface Line {
  /** Offset of its first byte. */
  readonly offset: number
  /** In bytes, its newline not counted. */
  readonly length: number
  /** Undefined when it is not UTF-8, or longer than a record may be. */
  readonly text: string | undefined
  readonly terminated: boolean
}

const CHUNK_BYTES = 256 * 1024
const NEWLINE = 0x0a
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const readOnce = promisify(read)

/**
 * Reads a file line by line, all lines that end in one chunk of it at once. Holds one chunk and one line.
 * @param descriptor open for reading; its offset is not used
 * @param from offset of the first byte of a line
 */
export async function* readLines(descriptor: number, from = 0): AsyncGenerator<readonly Line[], void, undefined> {
  const chunk = Buffer.allocUnsafe(CHUNK_BYTES)
  let position = from
  let start = from
  /** What the chunks before hold of a line, up to the length it may have. */
  let parts: Buffer[] = []
  let partsLength = 0
  const finish = (rest: Buffer, terminated: boolean): Line => {
    const length = partsLength + rest.length
    const text = length > MAX_LINE_BYTES ? undefined : decode(Buffer.concat([...parts, rest]))
    const line: Line = { offset: start, length, text, terminated }
    start += length + 1
    parts = []
    partsLength = 0
    return line
  }
  for (;;) {
    const { bytesRead } = await readOnce(descriptor, chunk, 0, CHUNK_BYTES, position)
    if (bytesRead === 0) break
    position += bytesRead
    const filled = chunk.subarray(0, bytesRead)
    const first = filled.indexOf(NEWLINE)
    const last = filled.lastIndexOf(NEWLINE)
    if (first !== -1) {
      const lines = [finish(filled.subarray(0, first), true)]
      if (last > first) lines.push(...wholeLines(filled.subarray(first + 1, last + 1), start))
      start = position - bytesRead + last + 1
      yield lines
    }
    if (last + 1 < bytesRead) {
      partsLength += bytesRead - last - 1
      if (partsLength > MAX_LINE_BYTES) parts = []
      else parts.push(Buffer.from(filled.subarray(last + 1)))
    }
  }
  if (partsLength > 0) yield [finish(Buffer.alloc(0), false)]
}

/** Lines that lie in one chunk. Looking once whether all of it is ASCII, or UTF-8, spares decoding each line with care. */
function wholeLines(bytes: Buffer, offset: number): readonly Line[] {
  const encoding = isAscii(bytes) ? 'latin1' : isUtf8(bytes) ? 'utf8' : undefined
  const lines: Line[] = []
  for (let at = 0; at < bytes.length; ) {
    const end = bytes.indexOf(NEWLINE, at)
    const text = encoding === undefined ? decode(bytes.subarray(at, end)) : bytes.toString(encoding, at, end)
    lines.push({ offset: offset + at, length: end - at, text, terminated: true })
    at = end + 1
  }
  return lines
}

function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}
