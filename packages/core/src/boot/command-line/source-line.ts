/** What stands around a character in its file, and so what may be written beside it. `text`: no quotes exist there. */
export type Quote = 'none' | 'single' | 'double' | 'text'

/** One character of a command line, and the bytes of a file that stand for it. */
export interface SourceCharacter {
  readonly character: string
  readonly path: string
  /** Offsets in the file; a file is read as Latin-1 here, so that every other byte stays what it is. */
  readonly start: number
  readonly end: number
  readonly quote: Quote
}

/** Where a word is added to a command line. */
export interface InsertionPoint {
  readonly path: string
  readonly offset: number
  readonly quote: Quote
  /** An unquoted value as a whole: quotes around it are nicer than quotes behind it. */
  readonly wrapFrom?: number
}

/** A command line as the files of a boot loader spell it. */
export interface SourceLine {
  /** For messages: the file, and of GRUB the variable. */
  readonly label: string
  readonly characters: readonly SourceCharacter[]
  /** Where new words go; the characters of its own part begin at this index. */
  readonly end: InsertionPoint
  readonly endPartFrom: number
}

/** Texts of files by path. */
export type FileTexts = ReadonlyMap<string, string>

/** A part of a text that is replaced. */
export interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The characters that stand between the parts of a line that come from different places; no file has them. */
export const SEPARATOR: SourceCharacter = { character: ' ', path: '', start: 0, end: 0, quote: 'text' }

/** The line as the kernel would be given it. */
export function lineText({ characters }: Pick<SourceLine, 'characters'>): string {
  return characters.map(({ character }) => character).join('')
}

/** A text in which every character stands for itself. */
export function plainCharacters(path: string, text: string, start: number, end: number): readonly SourceCharacter[] {
  return Array.from({ length: end - start }, (_, index) => {
    const at = start + index
    return { character: text[at] ?? '', path, start: at, end: at + 1, quote: 'text' as const }
  })
}

/** Replaces parts of a text; they must not overlap. What is inserted at one place stays in order. */
export function applySplices(text: string, splices: readonly Splice[]): string {
  let result = ''
  let from = 0
  for (const { start, end, text: inserted } of splices.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    result += text.slice(from, start) + inserted
    from = end
  }
  return result + text.slice(from)
}
