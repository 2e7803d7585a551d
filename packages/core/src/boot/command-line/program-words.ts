import type { Host } from '../../contract/host.js'
import { janusError } from '../../errors/janus-error.js'
import { type AskedParameter, type CommandLineRequest, parameterWords } from './command-line-request.js'
import { commandWords, wordText } from './command-words.js'
import { type LineEdit, removeParameter, setParameter } from './edit-line.js'
import { findParameter } from './find-parameter.js'
import { requireNoTwin, wordsAddedBehind } from './program-words-behind.js'
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
      const matches = findParameter(words, asked)
      const gone = matches.filter(({ value }) => asked.value === undefined || value === asked.value)
      if (asked.after !== undefined) requireNoTwin(host, line, gone)
      for (const word of gone) removed.add(wordText(word))
    }
    for (const asked of withoutLists(request.set)) {
      if (asked.after !== undefined) {
        added.push(...wordsAddedBehind(host, line, asked, asked.after).filter((word) => !added.includes(word)))
        continue
      }
      const [kept, ...others] = findParameter(words, asked).toReversed()
      if (kept !== undefined && kept.value === asked.value) {
        // A program takes a word away wherever it stands: the same one, which counts, as well.
        const differing = others.filter(({ value }) => value !== asked.value)
        if (request.removeDuplicates) for (const word of differing) removed.add(wordText(word))
        continue
      }
      for (const word of [kept, ...others]) if (word !== undefined) removed.add(wordText(word))
      const word = parameterWords(asked)
      if (!added.includes(word)) added.push(word)
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
