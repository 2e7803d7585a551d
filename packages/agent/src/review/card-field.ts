import { sha256Hex } from '@janus/core/ledger'
import { visibleLine } from './visible-text.js'

/** Characters of one field that are shown; of the rest the digest stands for it. */
export const MOST_FIELD_CHARACTERS = 4000
/** Columns of a line: with its indentation it fits a terminal of 80, so that no text finds itself at the beginning of a line. */
const MOST_COLUMNS = 74
const FIRST_WIDE = 0x1100

/**
 * A field of a review card: its text made visible, cut at {@link MOST_FIELD_CHARACTERS}, in lines that are told from those of the card by their
 * indentation, every line but the first also by a bar.
 */
export function cardField(text: string): readonly string[] {
  const characters = [...text]
  const shown = characters.length > MOST_FIELD_CHARACTERS ? characters.slice(0, MOST_FIELD_CHARACTERS).join('') : text
  const lines = shown.split('\n').flatMap((line) => wrap(visibleLine(line)))
  if (characters.length > MOST_FIELD_CHARACTERS) {
    const rest = characters.length - MOST_FIELD_CHARACTERS
    lines.push(`[${rest} more characters; SHA-256 of the whole: ${sha256Hex(text)}]`)
  }
  return lines.map((line, index) => (index === 0 ? `  ${line}` : `  | ${line}`.trimEnd()))
}

/** Wraps by columns; Chinese, Japanese and Korean letters take two. */
function wrap(line: string): string[] {
  const lines: string[] = []
  let current = ''
  let columns = 0
  for (const character of line) {
    const width = (character.codePointAt(0) ?? 0) >= FIRST_WIDE ? 2 : 1
    if (columns + width > MOST_COLUMNS) {
      lines.push(current)
      current = ''
      columns = 0
    }
    current += character
    columns += width
  }
  return [...lines, current]
}
