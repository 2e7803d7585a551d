import { plainCharacters, type SourceLine } from './source-line.js'

/** A command line that no file spells by itself: read, and given to a program to change. */
export function textLine(label: string, text: string): SourceLine {
  const characters = plainCharacters(label, text, 0, text.length)
  return { label, characters, end: { path: label, offset: text.length, quote: 'text' }, endPartFrom: 0 }
}
