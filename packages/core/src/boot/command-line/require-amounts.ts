import { janusError } from '../../errors/janus-error.js'
import { amountOf, wordsByAmount } from '../../inventory/words-by-amount.js'
import type { AskedParameter } from './command-line-request.js'
import { type CommandWord, commandWords } from './command-words.js'
import { lineText, type SourceLine } from './source-line.js'

/**
 * Refuses an edit of a parameter that counts only behind others where the kernel would not make of the line what is asked, or
 * would make something else of another amount: on lines that name a size twice, words change their meaning with those before them.
 * @param isSet whether it is to have its value; otherwise it is to be gone
 * @throws JANUS_HOST_UNFIT with the line
 */
export function requireAmounts(before: SourceLine, edited: SourceLine, asked: AskedParameter, isSet: boolean): void {
  const { name, after } = asked
  if (after === undefined) return
  const own = amountOf(after.values[0] ?? '')
  const valuesOf = (line: SourceLine): ReadonlyMap<string, string | undefined> =>
    new Map(
      [...wordsByAmount<CommandWord>(commandWords(lineText(line)).words, name, after.names)].map(
        ([amount, { counting }]) => [amount, counting.value],
      ),
    )
  const [was, is] = [valuesOf(before), valuesOf(edited)]
  const wanted = isSet ? asked.value : undefined
  const others = [...was.keys(), ...is.keys()].filter((amount) => amount !== own)
  if (is.get(own) === wanted && others.every((amount) => is.get(amount) === was.get(amount))) return
  const opener = `${after.names[0]}=${after.values[0]}`
  const message = `on ${before.label} the kernel takes words of ${name} for what they do not stand behind, for a size is named twice or none before them: with ${name} changed behind ${opener}, others would change`
  const remedy = `Leave one ${after.names[0]} of each size on the line, with its ${name} behind it, and plan again.`
  throw janusError('JANUS_HOST_UNFIT', message, { remedy, data: { path: before.label, line: lineText(before) } })
}
