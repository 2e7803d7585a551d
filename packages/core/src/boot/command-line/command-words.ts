/** One word of a kernel command line: offsets in the line. */
export interface CommandWord {
  readonly start: number
  readonly end: number
  readonly name: string
  readonly value: string | undefined
  /** Where the value begins that can be replaced by itself; undefined where the whole word has to be. */
  readonly valueStart: number | undefined
}

const WORD = /(?:"[^"]*(?:"|$)|[^\s"])+/g

/**
 * The words that the kernel takes for parameters, with their places: the same rules as `parseKernelCommandLine`. What
 * follows `--` is for init.
 * @returns the words, and where the line for the kernel ends
 */
export function commandWords(line: string): { readonly words: readonly CommandWord[]; readonly end: number } {
  const words: CommandWord[] = []
  for (const { 0: text, index: start } of line.matchAll(WORD)) {
    if (text === '--') return { words, end: start }
    words.push(wordAt(text, start))
  }
  return { words, end: line.length }
}

/** A word without its quotes. */
export function wordText({ name, value }: Pick<CommandWord, 'name' | 'value'>): string {
  return value === undefined ? name : `${name}=${value}`
}

function wordAt(text: string, start: number): CommandWord {
  const end = start + text.length
  const isQuoted = text.startsWith('"')
  const whole = isQuoted ? withoutQuotes(text) : text
  const equals = whole.indexOf('=')
  if (equals < 0) return { start, end, name: whole, value: undefined, valueStart: undefined }
  const value = withoutQuotes(whole.slice(equals + 1))
  return { start, end, name: whole.slice(0, equals), value, valueStart: isQuoted ? undefined : start + equals + 1 }
}

function withoutQuotes(text: string): string {
  if (!text.startsWith('"')) return text
  const inner = text.slice(1)
  return inner.endsWith('"') ? inner.slice(0, -1) : inner
}
