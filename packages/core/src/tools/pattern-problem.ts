const MOST_CHARACTERS = 500
const MOST_REPETITIONS = 3
const MOST_CHOICES = 10

/**
 * Why a regular expression of somebody else's is not taken: it could keep the process that tries it on a text busy for ever. Undefined when it may be used.
 * A group may not be repeated, nothing may look back or around, and few things may repeat: then what it costs grows with a small power of the text's length.
 */
export function patternProblem(pattern: string): string | undefined {
  if (pattern.length > MOST_CHARACTERS) return `has more than ${MOST_CHARACTERS} characters`
  try {
    new RegExp(`^(?:${pattern})$`, 'u')
  } catch {
    return 'is no regular expression'
  }
  // What stands in a class, or behind a backslash, is a character and no operator.
  const operators = pattern
    .replace(/\\[pP]\{[^}]*\}|\\u\{[0-9a-fA-F]+\}/gu, 'x')
    .replace(/\\[1-9k]/gu, '\0')
    .replace(/\\./gsu, 'x')
    .replace(/\[[^\]]*\]/gu, 'x')
  if (operators.includes('\0')) return 'looks back at what it matched'
  if (/\(\?(?!:)/u.test(operators)) return 'has a group that is more than (?: )'
  if (/\)[*+{]/u.test(operators)) return 'repeats a group'
  const repetitions = operators.match(/[*+]|\{/gu)?.length ?? 0
  if (repetitions > MOST_REPETITIONS) return `repeats more than ${MOST_REPETITIONS} things`
  const choices = operators.replaceAll('(?:', '(').match(/\?/gu)?.length ?? 0
  if (choices > MOST_CHOICES) return `has more than ${MOST_CHOICES} things that may be missing`
  return undefined
}
