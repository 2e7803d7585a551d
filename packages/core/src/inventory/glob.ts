/**
 * Matches text against a pattern of modules.alias (fnmatch(3): `*`, `?`, `[set]`), in time linear in their product
 * whatever the pattern, because the file may come from a hostile capture.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let at = 0
  let position = 0
  let star = -1
  let mark = 0
  while (position < text.length) {
    const token = tokenAt(pattern, at)
    if (token.kind === 'star') {
      star = at
      mark = position
      at += 1
    } else if (token.kind !== 'end' && token.matches(text[position] ?? '')) {
      at += token.length
      position += 1
    } else if (star >= 0) {
      at = star + 1
      mark += 1
      position = mark
    } else {
      return false
    }
  }
  while (pattern[at] === '*') at += 1
  return at === pattern.length
}

type Token =
  | { readonly kind: 'star' }
  | { readonly kind: 'end' }
  | { readonly kind: 'one'; readonly length: number; matches(character: string): boolean }

function tokenAt(pattern: string, at: number): Token {
  const character = pattern[at]
  if (character === undefined) return { kind: 'end' }
  if (character === '*') return { kind: 'star' }
  if (character === '?') return { kind: 'one', length: 1, matches: () => true }
  const end = character === '[' ? pattern.indexOf(']', at + 1) : -1
  if (end < 0) return { kind: 'one', length: 1, matches: (candidate) => candidate === character }
  const set = pattern.slice(at + 1, end)
  return { kind: 'one', length: end + 1 - at, matches: (candidate) => inSet(set, candidate) }
}

function inSet(set: string, character: string): boolean {
  for (let index = 0; index < set.length; index++) {
    const low = set[index] ?? ''
    const high = set[index + 1] === '-' ? set[index + 2] : undefined
    if (high !== undefined) index += 2
    if (character >= low && character <= (high ?? low)) return true
  }
  return false
}
