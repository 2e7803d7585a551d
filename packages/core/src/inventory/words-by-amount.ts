import { isSameParameter, type KernelParameter } from './kernel-command-line.js'

/** The words of a parameter that the kernel takes for one amount of its openers. */
export interface AmountWords<Word> {
  /** The one that the kernel obeys. */
  readonly counting: Word
  /** All of them, in order, those that it then ignores as well. */
  readonly taken: readonly Word[]
}

/** What a word before every opener is taken for until the default is named. */
const UNNAMED = ''

/**
 * The words of a parameter by the amount that Linux 5.8 and newer take them for. Where such a word stands is not always what it
 * is taken for: of the words behind an opener that the kernel ignores, a size that was named before, it skips one and takes the
 * next for the last size that it knew; and a word before every opener is of the default size once that is named (mm/hugetlb.c:
 * `parsed_valid_hugepagesz`, `parsed_hstate`, `last_mhp` and `default_hstate_max_huge_pages`).
 * @param names of the openers: `hugepagesz`, and the one that names the default, `default_hugepagesz`
 */
export function wordsByAmount<Word extends KernelParameter>(
  words: readonly Word[],
  name: string,
  [opener = '', defaultOpener = '']: readonly string[],
): ReadonlyMap<string, AmountWords<Word>> {
  const found = new Map<string, AmountWords<Word>>()
  const named = new Set<string>()
  let known = UNNAMED
  let last: string | undefined
  let standard: string | undefined
  let skipsNext = false
  for (const word of words) {
    const amount = amountOf(word.value ?? '')
    if (isSameParameter(word.name, name)) {
      if (!skipsNext) {
        const { counting = word, taken = [] } = found.get(known) ?? {}
        found.set(known, { counting: known === last ? counting : word, taken: [...taken, word] })
        last = known
      }
      skipsNext = false
    } else if (isSameParameter(word.name, opener)) {
      skipsNext = named.has(amount) && (amount !== standard || found.has(amount))
      if (!skipsNext) known = amount
      named.add(amount)
    } else if (isSameParameter(word.name, defaultOpener)) {
      skipsNext = standard !== undefined
      if (skipsNext) continue
      standard = amount
      if (!named.has(amount)) known = amount
      named.add(amount)
      const early = found.get(UNNAMED)
      if (early === undefined) continue
      found.set(amount, { ...early, taken: [...(found.get(amount)?.taken ?? []), ...early.taken] })
      found.delete(UNNAMED)
    }
  }
  return found
}

/** `1G`, `1024M` and `1GB` are one amount: the kernel reads the beginning (lib/cmdline.c, `memparse`). What is none stays as it is. */
export function amountOf(text: string): string {
  const [, digits, unit = ''] = /^(\d{1,15})([kmgtpe]?)/i.exec(text) ?? []
  if (digits === undefined) return text
  return String(Number(digits) * 1024 ** ('kmgtpe'.indexOf(unit.toLowerCase() || ' ') + 1))
}
