import { isSameParameter } from '../../inventory/kernel-command-line.js'
import { wordsBehind } from '../../inventory/parameter-behind.js'
import type { AskedParameter } from './command-line-request.js'
import type { CommandWord } from './command-words.js'

/** The words of a parameter, of all its values, in order; of one that counts only behind another, those taken for it. */
export function findParameter(
  words: readonly CommandWord[],
  { name, after }: Pick<AskedParameter, 'name' | 'after'>,
): readonly CommandWord[] {
  if (after === undefined) return words.filter((word) => isSameParameter(word.name, name))
  const { matches, strays } = wordsBehind(words, name, after)
  return words.filter((word) => matches.includes(word) || strays.includes(word))
}
