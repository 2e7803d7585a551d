import { plainCharacters, SEPARATOR, type SourceLine } from './source-line.js'
import { unclearLine } from './unclear-line.js'

/** A line `key value` of a Boot Loader Specification entry. */
export interface EntryLine {
  readonly key: string
  readonly value: string
  /** Offsets of the value, and number of the line. */
  readonly start: number
  readonly end: number
  readonly line: number
}

/** The lines of a type 1 entry (uapi-group.org, Boot Loader Specification), without comments. */
export function entryLines(text: string): readonly EntryLine[] {
  const found: EntryLine[] = []
  let offset = 0
  for (const [index, line] of text.split('\n').entries()) {
    const [, indent = '', key = '', space = '', value = ''] = /^(\s*)([^\s#]\S*)(\s*)(.*?)\s*$/.exec(line) ?? []
    const start = offset + indent.length + key.length + space.length
    if (key !== '') found.push({ key, value, start, end: start + value.length, line: index + 1 })
    offset += line.length + 1
  }
  return found
}

/** True for an entry that starts a Linux kernel, not another program such as a firmware's setup. */
export function isLinuxEntry(text: string): boolean {
  return entryLines(text).some(({ key }) => key === 'linux')
}

/**
 * The command line of an entry. Several lines `options` are one line for the kernel; words are added to the last.
 * @returns undefined when it has none
 * @throws JANUS_HOST_UNFIT naming file and line where GRUB would put a variable in
 */
export function entryLine(path: string, text: string): SourceLine | undefined {
  const options = entryLines(text).filter(({ key }) => key === 'options')
  const last = options.at(-1)
  if (last === undefined) return undefined
  const variable = options.find(({ value }) => value.includes('$'))
  if (variable !== undefined) throw unclearLine(path, variable.line, `options hold ${JSON.stringify(variable.value)}`)
  const bare = options.find(({ start }) => !/\s/.test(text[start - 1] ?? ''))
  if (bare !== undefined) throw unclearLine(path, bare.line, 'nothing follows "options"')
  const parts = options.map(({ start, end }) => plainCharacters(path, text, start, end))
  const characters = parts.flatMap((part, index) => (index === 0 ? part : [SEPARATOR, ...part]))
  const endPartFrom = characters.length - (parts.at(-1)?.length ?? 0)
  return { label: path, characters, end: { path, offset: last.end, quote: 'text' }, endPartFrom }
}

/** An entry with a line for options, nothing in it yet. */
export function withOptionsLine(text: string): string {
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}options \n`
}

/**
 * The one line of a file that holds nothing else, such as `/etc/kernel/cmdline`.
 * @throws JANUS_HOST_UNFIT naming file and line where there is a second one, or a comment
 */
export function onlyLine(path: string, text: string): SourceLine {
  const lines = [...text.matchAll(/^[^\S\n]*(\S[^\n]*?)[^\S\n]*$/gm)]
  const [first, second] = lines
  const at = (match: RegExpMatchArray) => text.slice(0, match.index).split('\n').length
  const comment = lines.find(([, line]) => line?.startsWith('#'))
  if (comment !== undefined) throw unclearLine(path, at(comment), 'not every tool takes this for a comment')
  if (second !== undefined) throw unclearLine(path, at(second), 'not every tool reads a second line')
  if (first === undefined)
    return { label: path, characters: [], end: { path, offset: 0, quote: 'text' }, endPartFrom: 0 }
  const [whole, line = ''] = first
  const start = (first.index ?? 0) + whole.indexOf(line)
  const end = start + line.length
  return {
    label: path,
    characters: plainCharacters(path, text, start, end),
    end: { path, offset: end, quote: 'text' },
    endPartFrom: 0,
  }
}
