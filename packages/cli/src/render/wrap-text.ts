import { textWidth } from './text-width.js'

/** What a palette writes: `ESC [ code m`. */
const STYLE = new RegExp(`${String.fromCharCode(27)}\\[(\\d+)m`, 'g')
/** The codes that end a weight and a colour (ECMA-48, SGR). */
const [END_OF_WEIGHT, END_OF_COLOR] = ['22', '39']

/**
 * Wraps a text at its spaces; a word that is too wide stays whole. A library that does it is a file more to read at each
 * start, for a text whose only styles are those of a palette.
 * @returns the lines, each of which ends the styles that it sets
 */
export function wrapText(text: string, columns: number): readonly string[] {
  const lines: string[] = []
  let line: string | undefined
  for (const word of text.split(' ')) {
    const longer: string = line === undefined ? word : `${line} ${word}`
    if (line !== undefined && line.trim() !== '' && textWidth(longer) > columns) {
      lines.push(line.trimEnd())
      line = word
    } else line = longer
  }
  return withStylesCarried([...lines, line ?? ''])
}

/** A style that goes on over the end of a line is ended there and set again, so that what is put before a line stays plain. */
function withStylesCarried(lines: readonly string[]): readonly string[] {
  let open: readonly string[] = []
  return lines.map((line) => {
    const carried = open.map(styled).join('')
    for (const [, code = ''] of line.matchAll(STYLE)) {
      const ended = open.filter((style) => endOf(style) !== code)
      open = code === END_OF_WEIGHT || code === END_OF_COLOR ? ended : [...open, code]
    }
    return `${carried}${line}${open.map((style) => styled(endOf(style))).join('')}`
  })
}

function endOf(code: string): string {
  return Number(code) < 10 ? END_OF_WEIGHT : END_OF_COLOR
}

function styled(code: string): string {
  return `\u001b[${code}m`
}
