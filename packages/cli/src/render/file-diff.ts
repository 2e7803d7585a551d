import { printedLine } from './file-text.js'
import { type Fragment, lines, text } from './markup.js'

const CONTEXT = 2
/** Beyond this the middle is shown as taken away and written again: comparing every line with every other would take long. */
const MOST_COMPARED = 1_000_000
const MOST_SHOWN = 400

interface DiffLine {
  readonly sign: ' ' | '-' | '+'
  readonly line: string
  /** Number of the line in the new text, or of the one it stood before. */
  readonly at: number
}

/**
 * What a write changes of a text, as a unified diff with two lines around each change; bytes that are no UTF-8 as `\xff`.
 * @param before the file as it is, as {@link textOfBytes} gives it
 * @param after what is written
 */
export function renderDiff(before: string, after: string): Fragment {
  const diff = compare(linesOf(before), linesOf(after))
  const isNear = diff.map((_, index) =>
    diff.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some(({ sign }) => sign !== ' '),
  )
  const shown: Fragment[] = []
  for (const [index, { sign, line, at }] of diff.entries()) {
    if (!isNear[index]) continue
    if (!isNear[index - 1]) shown.push(text`@@ line ${at} @@`)
    shown.push(text`${sign} ${printedLine(line.replace(/\n$/, ''))}`)
    if (!line.endsWith('\n')) shown.push(text`\\ no line end`)
  }
  const left = shown.length - MOST_SHOWN
  if (left <= 0) return lines(shown)
  return lines(shown.slice(0, MOST_SHOWN), text`… and ${left} more lines, which --json shows`)
}

/** Lines with their ends. */
function linesOf(whole: string): readonly string[] {
  return whole.match(/[^\n]*\n|[^\n]+$/g) ?? []
}

function compare(before: readonly string[], after: readonly string[]): readonly DiffLine[] {
  let start = 0
  while (start < before.length && start < after.length && before[start] === after[start]) start++
  let end = 0
  const longest = Math.min(before.length, after.length) - start
  while (end < longest && before.at(-1 - end) === after.at(-1 - end)) end++
  const same = (from: number, to: number): DiffLine[] =>
    after.slice(from, to).map((line, index) => ({ sign: ' ', line, at: from + index + 1 }))
  return [
    ...same(0, start),
    ...compareMiddle(before.slice(start, before.length - end), after.slice(start, after.length - end), start),
    ...same(after.length - end, after.length),
  ]
}

/** By the longest common subsequence. */
function compareMiddle(before: readonly string[], after: readonly string[], start: number): readonly DiffLine[] {
  const removed = (line: string, index: number): DiffLine => ({ sign: '-', line, at: start + index + 1 })
  const added = (line: string, index: number): DiffLine => ({ sign: '+', line, at: start + index + 1 })
  if (before.length * after.length > MOST_COMPARED || before.length === 0 || after.length === 0) {
    return [...before.map((line) => removed(line, 0)), ...after.map(added)]
  }
  const width = after.length + 1
  const common = new Uint32Array((before.length + 1) * width)
  const at = (one: number, other: number): number => common[one * width + other] ?? 0
  for (let one = before.length - 1; one >= 0; one--) {
    for (let other = after.length - 1; other >= 0; other--) {
      common[one * width + other] =
        before[one] === after[other] ? at(one + 1, other + 1) + 1 : Math.max(at(one + 1, other), at(one, other + 1))
    }
  }
  const found: DiffLine[] = []
  let [one, other] = [0, 0]
  while (one < before.length || other < after.length) {
    const [old = '', now = ''] = [before[one], after[other]]
    if (one < before.length && other < after.length && old === now) {
      found.push({ sign: ' ', line: now, at: start + other + 1 })
      one++
      other++
    } else if (one < before.length && (other === after.length || at(one + 1, other) >= at(one, other + 1))) {
      found.push(removed(old, other))
      one++
    } else {
      found.push(added(now, other))
      other++
    }
  }
  return found
}
