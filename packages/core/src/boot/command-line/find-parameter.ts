import { isSameParameter } from '../../inventory/kernel-command-line.js'
import type { AskedParameter } from './command-line-request.js'
import type { CommandWord } from './command-words.js'

/** Where a parameter stands: its words, and the last of those behind which it would count. */
export interface FoundParameter {
  readonly matches: readonly CommandWord[]
  /** The last of the words that `after` names, when it asks for one. */
  readonly opener: CommandWord | undefined
}

/** The words of a parameter, of all its values, in order; of one that counts only behind another, those behind it. */
export function findParameter(
  words: readonly CommandWord[],
  { name, after }: Pick<AskedParameter, 'name' | 'after'>,
): FoundParameter {
  if (after === undefined)
    return { matches: words.filter((word) => isSameParameter(word.name, name)), opener: undefined }
  const matches: CommandWord[] = []
  let opener: CommandWord | undefined
  let isWithin = false
  for (const word of words) {
    if (after.names.some((one) => isSameParameter(one, word.name))) {
      isWithin = after.values.includes(word.value ?? '')
      if (isWithin) opener = word
    } else if (isWithin && isSameParameter(word.name, name)) matches.push(word)
  }
  return { matches, opener }
}
