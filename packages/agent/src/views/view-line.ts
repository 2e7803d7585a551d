import { isSecretName, REDACTED, redact } from '@janus/core'

/** What a terminal or a reader of lines would obey, hide or break at, and JSON leaves as it is. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu
/** `--token=…`, `password: …` in somebody's words. It begins with a whole word only: else a long one is walked through from each of its characters. */
const NAMED_VALUE = /(?<![\w-])([\w-]+)(\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s"']+)/g

/**
 * One line of a view: JSON in which nothing but the line's own end breaks a line, and nothing is there that a terminal would obey; what is
 * named like a secret is left out. Read as JSON it is the same value.
 */
export function viewLine(value: Readonly<Record<string, unknown>>): string {
  return `${JSON.stringify(masked(redact(value))).replace(UNSEEN, escaped)}\n`
}

function masked(value: unknown): unknown {
  if (typeof value === 'string') return maskNamedValues(value)
  if (Array.isArray(value)) return maskedArguments(value)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, masked(item)]))
}

/** Leaves out what stands beside the name of a secret: `--token=…`, `password: …`. */
export function maskNamedValues(text: string): string {
  return text.replace(NAMED_VALUE, (all, name: string, between: string) =>
    isSecretName(name) ? `${name}${between}${REDACTED}` : all,
  )
}

/** In a command line the value may be the word after its name. */
function maskedArguments(values: readonly unknown[]): readonly unknown[] {
  return values.map((value, place) => {
    const before = values[place - 1]
    const isValue = typeof value === 'string' && typeof before === 'string' && /^--?[A-Za-z][\w-]*$/.test(before)
    return isValue && isSecretName(before) ? REDACTED : masked(value)
  })
}

function escaped(character: string): string {
  let text = ''
  for (let at = 0; at < character.length; at += 1)
    text += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`
  return text
}
