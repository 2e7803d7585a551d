import type { Host } from '../../contract/host.js'
import { janusError } from '../../errors/janus-error.js'
import { type AskedParameter, type CommandLineRequest, parameterWords } from './command-line-request.js'
import { type CommandWord, commandWords } from './command-words.js'
import { findParameter } from './find-parameter.js'
import { lineText, type SourceLine } from './source-line.js'

/** The words that a program adds to command lines and takes from them. */
export interface ProgramWords {
  readonly added: readonly string[]
  /** As they stand on a line, with their value. */
  readonly removed: readonly string[]
}

/**
 * The request in the words of a program that only knows how to add a word and to take one away, anywhere on a line.
 * @throws JANUS_HOST_UNFIT where that would change another word too, such as `hugepages=` of another size
 */
export function programWords(host: Host, lines: readonly SourceLine[], request: CommandLineRequest): ProgramWords {
  const added: string[] = []
  const removed = new Set<string>()
  for (const line of lines) {
    const { words } = commandWords(lineText(line))
    for (const asked of request.remove ?? []) {
      const { matches } = findParameter(words, asked)
      for (const word of matches.filter(({ value }) => asked.value === undefined || value === asked.value)) {
        removed.add(wordText(word))
      }
    }
    for (const asked of request.set) {
      const { matches, opener } = findParameter(words, asked)
      const [kept, ...others] = matches.toReversed()
      if (kept?.value === asked.value && kept !== undefined) {
        if (request.removeDuplicates) for (const word of others) removed.add(wordText(word))
        continue
      }
      requireNoNamesake(host, line, words, matches, asked)
      for (const word of matches) removed.add(wordText(word))
      const opening = asked.after === undefined || opener !== undefined ? [] : [openingWord(asked.after)]
      for (const word of [...opening, parameterWords(asked)]) if (!added.includes(word)) added.push(word)
    }
  }
  return { added, removed: [...removed].filter((word) => !added.includes(word)) }
}

/** A program takes a name for a parameter wherever it stands, and adds at the end of the line. */
function requireNoNamesake(
  host: Host,
  { label }: SourceLine,
  words: readonly CommandWord[],
  matches: readonly CommandWord[],
  { name, after }: AskedParameter,
): void {
  if (after === undefined) return
  const names = [name, ...after.names]
  const namesake = words.find((word) => !matches.includes(word) && names.some((one) => one === word.name))
  if (namesake === undefined) return
  const message = `${label} holds ${JSON.stringify(wordText(namesake))}, and ${name} counts only behind its ${after.names[0]}: a program that adds at the end of the line could not keep them apart`
  const remedy = `Edit the kernel command line of ${host.description} by hand.`
  throw janusError('JANUS_HOST_UNFIT', message, { remedy, data: { path: label, word: wordText(namesake) } })
}

function openingWord({ names, values }: NonNullable<AskedParameter['after']>): string {
  return parameterWords({ name: names[0] ?? '', value: values[0] ?? '' })
}

function wordText({ name, value }: CommandWord): string {
  return value === undefined ? name : `${name}=${value}`
}
