import { isSameParameter, type KernelParameter } from './kernel-command-line.js'
import type { ParameterOpeners } from './parameter-behind.js'

/**
 * The words of a parameter that Linux 5.8 and newer take for one value of its openers, in order: of several the first counts.
 * Where such a word stands is not always what it is taken for: of the words behind an opener that the kernel ignores, a size that
 * was named before, it skips one and takes the next for the last size that it knew (mm/hugetlb.c, `parsed_valid_hugepagesz` and
 * `parsed_hstate` in `hugepages_setup`).
 */
export function wordsTakenFor<Word extends KernelParameter>(
  words: readonly Word[],
  name: string,
  { names: [first = '', standard = ''], values }: ParameterOpeners,
): readonly Word[] {
  const wanted = amountOf(values[0] ?? '')
  const taken: Word[] = []
  const named = new Set<string>()
  const counted = new Set<string>()
  let known: string | undefined
  let defaultValue: string | undefined
  let skipsNext = false
  for (const word of words) {
    const value = amountOf(word.value ?? '')
    if (isSameParameter(word.name, name)) {
      if (!skipsNext && known !== undefined) counted.add(known)
      if (!skipsNext && known === wanted) taken.push(word)
      skipsNext = false
    } else if (isSameParameter(word.name, first)) {
      skipsNext = named.has(value) && (value !== defaultValue || counted.has(value))
      if (!skipsNext) known = value
      named.add(value)
    } else if (isSameParameter(word.name, standard)) {
      skipsNext = defaultValue !== undefined
      defaultValue ??= value
      if (!skipsNext && !named.has(value)) known = value
      if (!skipsNext) named.add(value)
    }
  }
  return taken
}

/** `1G`, `1024M` and `1048576K` are one amount (lib/cmdline.c, `memparse`); what is none stays as it is. */
function amountOf(text: string): string {
  const [, digits, unit = ''] = /^(\d{1,15})([kmgt])$/i.exec(text) ?? []
  return digits === undefined ? text : String(Number(digits) * 1024 ** ('kmgt'.indexOf(unit.toLowerCase()) + 1))
}
