import { type Fragment, join, type Piece } from './markup.js'

/** A text in which every byte that is no UTF-8 stands as one of these: half a surrogate, which no text in UTF-8 has. */
const FIRST = 0xdc00
const NO_UTF8 = /([\udc80-\udcff])/u
/** Of a file with more of them than one in so many bytes, nobody would read a line. */
const FEWEST_READABLE = 10

/**
 * The bytes of a file as a text that keeps each of them, so that two of these differ where the files do.
 * @returns undefined for what is no text: bytes that are zero, or many that are no UTF-8
 */
export function textOfBytes(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  const buffer = Buffer.from(bytes)
  const whole = buffer.toString('utf8')
  if (Buffer.from(whole, 'utf8').equals(buffer)) return whole
  let [text, odd] = ['', 0]
  for (let at = 0; at < buffer.length; ) {
    const length = sequenceLength(buffer, at)
    if (length > 0) text += buffer.toString('utf8', at, at + length)
    else {
      text += String.fromCharCode(FIRST + (buffer[at] ?? 0))
      odd += 1
    }
    at += Math.max(1, length)
  }
  return odd * FEWEST_READABLE > buffer.length ? undefined : text
}

/** A line of such a text for a terminal: bytes that are no UTF-8 as `\xff`. */
export function printedLine(line: string): Fragment {
  const pieces = line.split(NO_UTF8).map((piece): Piece => {
    if (!NO_UTF8.test(piece)) return piece
    return { printable: `\\x${(piece.charCodeAt(0) - FIRST).toString(16)}` }
  })
  return join(pieces, '')
}

/** Bytes of the character that begins here; 0 where none does. */
function sequenceLength(buffer: Buffer, at: number): number {
  const first = buffer[at] ?? 0
  if (first < 0x80) return 1
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0
  if (length === 0 || at + length > buffer.length) return 0
  const own = buffer.subarray(at, at + length)
  return Buffer.from(own.toString('utf8'), 'utf8').equals(own) ? length : 0
}
