import type { CompletionAnswer } from './answer.js'

const LONGEST_SUMMARY = 100

/**
 * An answer as the scripts of the shells read it: a line for each word, then a tabulator and what it means. A line that
 * begins with a colon asks for paths: `:files` or `:directories`, what stands before the path, and suffixes between commas.
 */
export function answerLines({ candidates, paths }: CompletionAnswer): string {
  const words = candidates.map(({ word, summary }) => `${word}\t${oneLine(summary)}\n`)
  if (paths === undefined) return words.join('')
  return `${words.join('')}:${paths.only}\t${paths.prefix}\t${paths.suffixes.join(',')}\n`
}

/** Printable, on one line, and short enough for a menu. */
function oneLine(summary: string): string {
  const plain = summary.replace(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  const symbols = [...plain]
  return symbols.length <= LONGEST_SUMMARY ? plain : `${symbols.slice(0, LONGEST_SUMMARY - 1).join('')}…`
}
