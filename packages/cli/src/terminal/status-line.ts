import { textWidth } from '../render/text-width.js'
import type { Output } from './output.js'

/** One line at the bottom of a terminal that is written over. */
export interface StatusLine {
  /** Shows a text in place of the last; undefined where the stream is no terminal that can do it. */
  readonly update: ((line: string) => void) | undefined
  /** Takes it away, before anything else is printed. */
  clear(): void
}

/** Back to the first column, and nothing behind it (ECMA-48: CR, EL). */
const ERASE = '\r\u001b[K'

/** Makes the status line of a stream. The text must not hold control characters. */
export function createStatusLine(
  output: Output,
  stream: { readonly isTTY?: boolean; readonly columns?: number },
  env: Readonly<Record<string, string | undefined>> = process.env,
): StatusLine {
  if (stream.isTTY !== true || env.TERM === 'dumb') return { update: undefined, clear: () => {} }
  let isShown = false
  return {
    update(line) {
      isShown = true
      // A line that wraps could not be taken back. A terminal that does not know its size says 0.
      void output.write(`${ERASE}${cut(line, (stream.columns || 80) - 1)}`)
    },
    clear() {
      if (isShown) void output.write(ERASE)
      isShown = false
    },
  }
}

/** As many characters as fit, whole ones. */
function cut(line: string, columns: number): string {
  let left = columns
  let shown = ''
  for (const character of line) {
    left -= textWidth(character)
    if (left < 0) break
    shown += character
  }
  return shown
}
