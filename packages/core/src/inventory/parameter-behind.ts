import { isSameParameter, type KernelParameter } from './kernel-command-line.js'
import { amountOf, wordsByAmount } from './words-by-amount.js'

/** Words behind which another one counts: `hugepagesz=1G` and `default_hugepagesz=1G`, of `hugepages`. */
export interface ParameterOpeners {
  /** The first is the one that such words are written with, the second names the default. */
  readonly names: readonly string[]
  readonly values: readonly string[]
}

/** Words of a parameter that counts only behind others. */
export interface WordsBehind<Word> {
  /** All of them, those that the kernel ignores as well. */
  readonly matches: readonly Word[]
  /** Words behind another value that the kernel takes for this one all the same. */
  readonly strays: readonly Word[]
  /** The one that the kernel obeys. */
  readonly counting: Word | undefined
  /** Of several the one to keep: by the first name it counts to every kernel. */
  readonly kept: Word | undefined
  /** The word behind which one belongs, best of the first name. */
  readonly opener: Word | undefined
  /** Words of the first name that the kernel ignores together with what is behind them. */
  readonly needless: readonly Word[]
}

interface Place<Word> {
  readonly opener: Word
  readonly name: string
  readonly isObeyed: boolean
  readonly matches: Word[]
}

/**
 * Finds the words of a parameter that counts only behind one of several others, up to the next of them. The kernel obeys the
 * first: it takes `hugepagesz=` with a size that was named before, and a second `hugepages=` of a size, for a mistake and
 * ignores them; `default_hugepagesz=1G` may be followed by one `hugepagesz=1G`, and names no size where another stands between
 * it and a `hugepagesz=1G` before it (mm/hugetlb.c, `hugepages_setup`, `hugepagesz_setup` and `default_hugepagesz_setup`;
 * before Linux 5.8 `hugetlb_nrpages_setup`, to which a number behind `default_hugepagesz=` alone is of no size).
 */
export function wordsBehind<Word extends KernelParameter>(
  words: readonly Word[],
  name: string,
  { names, values }: ParameterOpeners,
): WordsBehind<Word> {
  const [first] = names
  const places: Place<Word>[] = []
  let place: Place<Word> | undefined
  for (const word of words) {
    const opening = names.find((one) => isSameParameter(one, word.name))
    if (opening === undefined) {
      if (isSameParameter(name, word.name)) place?.matches.push(word)
    } else if (amountOf(word.value ?? '') === amountOf(values[0] ?? '')) {
      const isNamed = (wanted: string | undefined) => places.some((one) => one.name === wanted)
      const isOpen = opening === first || place?.isObeyed === true || !isNamed(first)
      place = { opener: word, name: opening, isObeyed: isOpen && !isNamed(opening), matches: [] }
      places.push(place)
    } else place = undefined
  }
  const obeyed = places.filter(({ isObeyed }) => isObeyed)
  const byFirst = obeyed.filter((one) => one.name === first)
  const ignored = places.filter((one) => !one.isObeyed && one.name === first && one.matches.length > 0)
  const standing = places.flatMap(({ matches }) => matches)
  const own = wordsByAmount(words, name, names).get(amountOf(values[0] ?? ''))
  return {
    matches: standing,
    strays: own?.taken.filter((word) => !standing.includes(word)) ?? [],
    counting: own?.counting,
    kept: byFirst.flatMap(({ matches }) => matches)[0] ?? obeyed.flatMap(({ matches }) => matches)[0],
    opener: (byFirst[0] ?? obeyed[0])?.opener,
    needless: ignored.map(({ opener }) => opener),
  }
}

/**
 * Value of a parameter that counts only behind others, as the kernel reads it: `hugepages` behind `hugepagesz=1G`. Of several
 * the first counts; `''` for a bare word, undefined when there is none.
 */
export function parameterBehind(
  parameters: readonly KernelParameter[],
  name: string,
  after: ParameterOpeners,
): string | undefined {
  const own = wordsByAmount(parameters, name, after.names).get(amountOf(after.values[0] ?? ''))
  return own === undefined ? undefined : (own.counting.value ?? '')
}
