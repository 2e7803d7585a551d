/** Levels of arrays and objects that an answer may be deep: whoever walks it does so recursively. */
const DEEPEST = 100

/**
 * Parses JSON that somebody untrusted wrote.
 * @throws SyntaxError when it is no JSON, is nested deeper than 100 levels, or has a member that would replace a prototype
 */
export function parseBoundedJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  const pending: { readonly value: unknown; readonly depth: number }[] = [{ value, depth: 1 }]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue
    if (next.depth > DEEPEST) throw new SyntaxError(`it is nested deeper than ${DEEPEST} levels`)
    if (Object.hasOwn(next.value, '__proto__')) throw new SyntaxError('it has a member __proto__')
    for (const member of Object.values(next.value)) pending.push({ value: member, depth: next.depth + 1 })
  }
  return value
}
