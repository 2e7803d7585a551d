import { type Fragment, lines } from './markup.js'
import { wrapText } from './wrap-text.js'

/** Fewer columns than this are not worth wrapping to: a word on each line would hide what is said. */
const NARROWEST = 16

/** What stands before the lines of a text. */
export interface Hanging {
  /** Before the first line; plain text. */
  readonly first: string
  /** Before every further one: as wide, or wider. */
  readonly further: string
}

/**
 * Wraps a text to the columns of a terminal, its further lines indented. Only spaces are broken at: an address or a path
 * that is too wide stays whole.
 * @param columns undefined for a text that is not wrapped
 */
export function hang(text: Fragment, { first, further }: Hanging, columns?: number): Fragment {
  const room = columns === undefined ? undefined : Math.max(NARROWEST, columns - further.length)
  const wrapped = room === undefined ? [text.printable] : wrapText(text.printable, room)
  return lines(wrapped.map((line, index) => ({ printable: `${index === 0 ? first : further}${line}` })))
}
