const MOST_WORDS = 12

/**
 * Items as a sentence lists them: `a`, `a and b`, `a, b and c`. Of very many only the first are named, so that a
 * sentence stays one on a host with ten thousand devices.
 */
export function listWords(items: readonly string[]): string {
  const named =
    items.length > MOST_WORDS ? [...items.slice(0, MOST_WORDS - 1), `${items.length - MOST_WORDS + 1} more`] : items
  const last = named.at(-1)
  if (last === undefined || named.length === 1) return last ?? ''
  return `${named.slice(0, -1).join(', ')} and ${last}`
}
