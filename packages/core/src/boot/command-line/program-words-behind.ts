import type { Host } from '../../contract/host.js'
import { janusError } from '../../errors/janus-error.js'
import { isSameParameter } from '../../inventory/kernel-command-line.js'
import { type ParameterOpeners, wordsBehind } from '../../inventory/parameter-behind.js'
import { type AskedParameter, parameterWords } from './command-line-request.js'
import { type CommandWord, commandWords, wordText } from './command-words.js'
import { findParameter } from './find-parameter.js'
import { lineText, type SourceLine } from './source-line.js'

/**
 * The words that a program adds at the end of a line so that a parameter counts behind another one; none where it does already.
 * @throws JANUS_HOST_UNFIT where the line has words of these names: a program takes a name for a parameter wherever it stands
 */
export function wordsAddedBehind(
  host: Host,
  line: SourceLine,
  asked: AskedParameter,
  after: ParameterOpeners,
): readonly string[] {
  const { words } = commandWords(lineText(line))
  const { counting } = wordsBehind(words, asked.name, after)
  const matches = findParameter(words, asked)
  const opening = parameterWords({ name: after.names[0] ?? '', value: after.values[0] ?? '' })
  if (counting !== undefined && counting.value === asked.value) return []
  if (matches.length > 1) {
    const holds = matches.map((word) => JSON.stringify(wordText(word))).join(' and ')
    throw unfit(host, line, `${holds} behind ${opening}, of which the kernel takes one and ignores the others`, matches)
  }
  const names = [asked.name, ...after.names]
  const namesake = words.find((word) => names.some((name) => isSameParameter(name, word.name)))
  if (namesake === undefined) return [opening, parameterWords(asked)]
  const holds = `${JSON.stringify(wordText(namesake))}, and ${asked.name} counts only behind its ${after.names[0]}`
  throw unfit(host, line, holds, [namesake])
}

/**
 * Refuses to take words away that stand on the line once more, where they are not meant: `hugepages=4` of another size.
 * @throws JANUS_HOST_UNFIT naming the word
 */
export function requireNoTwin(host: Host, line: SourceLine, gone: readonly CommandWord[]): void {
  const rest = commandWords(lineText(line)).words.filter((word) => !gone.some(({ start }) => start === word.start))
  const twin = rest.find((word) => gone.some((one) => wordText(one) === wordText(word)))
  if (twin === undefined) return
  throw unfit(host, line, `${JSON.stringify(wordText(twin))} twice, of which one is to stay`, [twin])
}

function unfit(host: Host, { label }: SourceLine, holds: string, words: readonly CommandWord[]): Error {
  const message = `${label} holds ${holds}: a program that adds at the end of the line could not keep them apart`
  const remedy = `Edit the kernel command line of ${host.description} by hand.`
  return janusError('JANUS_HOST_UNFIT', message, { remedy, data: { path: label, words: words.map(wordText) } })
}
