import { read } from 'node:fs'
import { promisify } from 'node:util'
import { MAX_LINE_BYTES } from './ledger-record.js'

/** One line as bytes; `bytes` is undefined when it is longer than a record may be. */
export interface Line {
  readonly offset: number
  readonly length: number
  /** Valid until the next lines are asked for. */
  readonly bytes: Buffer | undefined
  readonly terminated: boolean
}

const CHUNK_BYTES = 256 * 1024
const NEWLINE = 0x0a
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
  let length = 0
  let parts: Buffer[] = []
  const take = (piece: Buffer): void => {
    length += piece.length
    if (length > MAX_LINE_BYTES) parts = []
    else parts.push(piece)
  }
  const finish = (terminated: boolean): Line => {
    const bytes = length > MAX_LINE_BYTES ? undefined : parts.length === 1 ? parts[0] : Buffer.concat(parts)
    const line: Line = { offset: start, length, bytes, terminated }
    start += length + 1
    length = 0
    parts = []
    return line
  }
  for (;;) {
    const { bytesRead } = await readOnce(descriptor, chunk, 0, CHUNK_BYTES, position)
    if (bytesRead === 0) break
    position += bytesRead
    const lines: Line[] = []
    const filled = chunk.subarray(0, bytesRead)
    let at = 0
    for (let end = filled.indexOf(NEWLINE); end !== -1; end = filled.indexOf(NEWLINE, at)) {
      take(filled.subarray(at, end))
      lines.push(finish(true))
      at = end + 1
    }
    if (lines.length > 0) yield lines
    // Only now: what the lines hold of the chunk has been used.
    if (at < bytesRead) take(Buffer.from(filled.subarray(at)))
  }
  if (length > 0) yield [finish(false)]
}
