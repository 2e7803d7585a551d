import { visibleLine } from './visible-text.js'

const PLAIN = /^[A-Za-z0-9_./:=@%+,-]+$/

/** An argument as one word that can be told from its neighbours: bare when it is plain, else in quotation marks with everything odd spelled out. */
export function quoteWord(word: string): string {
  if (PLAIN.test(word)) return word
  return `'${visibleLine(word).replaceAll("'", "'\\''")}'`
}
