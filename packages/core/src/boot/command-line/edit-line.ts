import { isSameParameter } from '../../inventory/kernel-command-line.js'
import { type ParameterOpeners, wordsBehind } from '../../inventory/parameter-behind.js'
import { type AskedParameter, parameterWords } from './command-line-request.js'
import { type CommandWord, commandWords } from './command-words.js'
import { type MemberEdit, removeMember, setMember } from './edit-members.js'
import { findParameter } from './find-parameter.js'

/** A part of a command line that is replaced: offsets in the line. */
export interface LineEdit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/**
 * What has to be edited so that the parameter has its value: nothing, the value of its last word, or one more word. Of one that
 * counts only behind another one word is left.
 * @param removeDuplicates leaves only the last word of the parameter
 */
export function setParameter(line: string, asked: AskedParameter, removeDuplicates: boolean): readonly LineEdit[] {
  const { words, end } = commandWords(line)
  const { among, after } = asked
  if (after !== undefined) return setBehind(line, asked, after)
  const matches = findParameter(words, asked)
  const last = matches.at(-1)
  if (last === undefined) return [addWords(line, parameterWords(asked), end)]
  if (among !== undefined) return memberEdits(line, setMember(matches, asked, among, removeDuplicates))
  const others = removeDuplicates ? matches.slice(0, -1).map((word) => cutWord(line, word)) : []
  return last.value === asked.value ? others : [...others, replaceValue(last, asked)]
}

/** Others would be ignored by the kernel, or taken for the one that counts by an older or a newer one. */
function setBehind(line: string, asked: AskedParameter, after: ParameterOpeners): readonly LineEdit[] {
  const { words, end } = commandWords(line)
  const { matches, strays, kept, opener, needless } = wordsBehind(words, asked.name, after)
  const anchor = kept ?? opener
  const earlier = strays.filter(({ start }) => anchor !== undefined && start < anchor.start)
  const others = [...matches.filter((word) => word !== kept), ...earlier, ...needless].map((word) =>
    cutWord(line, word),
  )
  if (kept !== undefined) return kept.value === asked.value ? others : [...others, replaceValue(kept, asked)]
  const opening = parameterWords({ name: after.names[0] ?? '', value: after.values[0] ?? '' })
  const isOpened = opener !== undefined && isSameParameter(opener.name, after.names[0] ?? '')
  const added = isOpened ? parameterWords(asked) : `${opening} ${parameterWords(asked)}`
  if (opener === undefined) return [...others, addWords(line, added, end)]
  return [...others, { from: opener.end, to: opener.end, text: ` ${added}` }]
}

/** What has to be cut so that no word of the parameter is left; with a value, no word with that value. */
export function removeParameter(line: string, asked: AskedParameter): readonly LineEdit[] {
  const matches = findParameter(commandWords(line).words, asked)
  if (asked.among !== undefined) return memberEdits(line, removeMember(matches, asked))
  const removed = matches.filter(({ value }) => asked.value === undefined || value === asked.value)
  return removed.map((word) => cutWord(line, word))
}

function memberEdits(line: string, edits: readonly MemberEdit[]): readonly LineEdit[] {
  return edits.map(({ word, value }) =>
    value === undefined ? cutWord(line, word) : replaceValue(word, { name: word.name, value }),
  )
}

/** Where the line for the kernel ends. */
function addWords(line: string, words: string, end: number): LineEdit {
  return { from: end, to: end, text: end < line.length ? `${words} ` : words }
}

function replaceValue(word: CommandWord, asked: AskedParameter): LineEdit {
  if (word.valueStart === undefined || asked.value === undefined) {
    return { from: word.start, to: word.end, text: parameterWords(asked) }
  }
  parameterWords(asked)
  return { from: word.valueStart, to: word.end, text: asked.value }
}

/** With the space before it, or, of the first word, the one behind it. */
function cutWord(line: string, { start, end }: CommandWord): LineEdit {
  const before = /\s*$/.exec(line.slice(0, start))?.[0].length ?? 0
  if (before > 0 && start - before > 0) return { from: start - before, to: end, text: '' }
  const behind = /^\s*/.exec(line.slice(end))?.[0].length ?? 0
  return { from: start, to: end + behind, text: '' }
}
