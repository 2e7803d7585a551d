import type { Host } from '../../contract/host.js'
import { janusError } from '../../errors/janus-error.js'
import { type AskedParameter, type CommandLineRequest, parameterWords } from './command-line-request.js'
import { type CommandWord, commandWords } from './command-words.js'
import { type LineEdit, removeParameter, setParameter } from './edit-line.js'
import { findParameter } from './find-parameter.js'
import { applySplices, lineText, type SourceLine, type Splice } from './source-line.js'

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
  const lists = listWords(host, lines, request)
  added.push(...lists.added)
  for (const word of lists.removed) removed.add(word)
  for (const line of lines) {
    const { words } = commandWords(lineText(line))
    for (const asked of withoutLists(request.remove)) {
      const { matches } = findParameter(words, asked)
      for (const word of matches.filter(({ value }) => asked.value === undefined || value === asked.value)) {
        removed.add(wordText(word))
      }
    }
    for (const asked of withoutLists(request.set)) {
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

/**
 * What becomes of words whose values are comma lists: the one word instead of the other. All lines have to come to the same,
 * for the program changes all of them at once.
 */
function listWords(host: Host, lines: readonly SourceLine[], request: CommandLineRequest): ProgramWords {
  const isList = ({ among }: AskedParameter): boolean => among !== undefined
  const [remove, set] = [(request.remove ?? []).filter(isList), request.set.filter(isList)]
  const results = lines.map((line) => {
    let text = lineText(line)
    for (const asked of remove) text = applySplices(text, spliced(removeParameter(text, asked)))
    for (const asked of set)
      text = applySplices(text, spliced(setParameter(text, asked, request.removeDuplicates ?? false)))
    return { line, before: wordTexts(lineText(line)), after: wordTexts(text) }
  })
  const plain = set.map(parameterWords)
  const added: string[] = []
  for (const { line, before, after } of results) {
    for (const word of after.filter((one) => !before.includes(one))) {
      const other = results.find((one) => !one.after.includes(word))
      if (other !== undefined && !plain.includes(word)) throw differing(host, line, other.line, word)
      if (!added.includes(word)) added.push(word)
    }
  }
  const removed = results.flatMap(({ before, after }) => before.filter((word) => !after.includes(word)))
  return { added, removed }
}

function withoutLists(asked: readonly AskedParameter[] = []): readonly AskedParameter[] {
  return asked.filter(({ among }) => among === undefined)
}

/** A new word stands by itself, wherever on the line. */
function spliced(edits: readonly LineEdit[]): readonly Splice[] {
  return edits.map(({ from, to, text }) => ({ start: from, end: to, text: from === to ? ` ${text} ` : text }))
}

function wordTexts(line: string): readonly string[] {
  return commandWords(line).words.map(wordText)
}

function differing(host: Host, line: SourceLine, other: SourceLine, word: string): Error {
  const message = `${line.label} would come to ${JSON.stringify(word)} and ${other.label} would not: a program that changes all of them at once would give both the same`
  const remedy = `Give all entries of ${host.description} the same list, and plan again.`
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data: { path: line.label, word } })
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
