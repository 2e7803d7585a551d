import type { AskedParameter } from './command-line-request.js'
import type { CommandWord } from './command-words.js'

/** A word that gets another value, or goes. */
export interface MemberEdit {
  readonly word: CommandWord
  /** Undefined: the word goes. */
  readonly value: string | undefined
}

/**
 * What becomes of the words of a parameter whose value is a comma list, so that the last of `among` is the value: nothing, or a
 * change of the last word, in which a member that contradicts makes place for it.
 * @param removeDuplicates leaves one word, with the members of all
 */
export function setMember(
  words: readonly CommandWord[],
  asked: AskedParameter,
  among: readonly string[],
  removeDuplicates: boolean,
): readonly MemberEdit[] {
  const last = words.at(-1)
  if (last === undefined) return []
  const merged = removeDuplicates ? words.flatMap(membersOf) : membersOf(last)
  const others = removeDuplicates ? words.slice(0, -1).map((word) => ({ word, value: undefined })) : []
  const counting = words.flatMap(membersOf).findLast((member) => among.includes(member))
  if (counting === asked.value && others.length === 0) return []
  const members = withMember(merged, asked.value ?? '', among)
  const edit = { word: last, value: members.join(',') }
  return edit.value === last.value ? others : [...others, edit]
}

/** What becomes of the words of a parameter, so that no list has the member; a word without members goes. */
export function removeMember(words: readonly CommandWord[], { value = '' }: AskedParameter): readonly MemberEdit[] {
  return words
    .filter((word) => membersOf(word).includes(value))
    .map((word) => {
      const rest = membersOf(word).filter((member) => member !== value)
      return { word, value: rest.length === 0 ? undefined : rest.join(',') }
    })
}

/** Where a member that contradicts stood; a list without one begins with it. */
function withMember(members: readonly string[], value: string, among: readonly string[]): readonly string[] {
  const place = members.findIndex((member) => among.includes(member))
  const rest = members.filter((member) => !among.includes(member))
  const before = members.slice(0, Math.max(place, 0)).filter((member) => !among.includes(member)).length
  return [...new Set([...rest.slice(0, before), value, ...rest.slice(before)])]
}

function membersOf({ value }: CommandWord): readonly string[] {
  return (value ?? '').split(',').filter((member) => member !== '')
}
