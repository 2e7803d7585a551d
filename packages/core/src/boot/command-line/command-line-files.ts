import type { FileTexts, SourceLine } from './source-line.js'

/** The files in which a boot loader's command lines are kept. */
export interface CommandLineFiles {
  readonly texts: FileTexts
  /** Finds the command lines in texts of these files. */
  readonly parse: (texts: FileTexts) => readonly SourceLine[]
  /** Texts with a place for a first word where they have none. */
  readonly prepare?: (texts: FileTexts) => FileTexts
}
