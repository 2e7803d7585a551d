/** What stands in the place of a secret. */
export const REDACTED = '[redacted]'

const SECRET_WORDS = new Set(
  'password passwords passwd passphrase pwd secret secrets token tokens key keys authorization auth cookie cookies credential credentials'.split(
    ' ',
  ),
)
const SECRET_ENDING = /(password|passwd|passphrase|secret|token|apikey|privatekey|credentials?)$/i
const MOST_LEVELS = 16

/**
 * Copies a value for a log: what is named like a secret is replaced, at any depth; the rest becomes plain JSON, whatever
 * it was. Never throws.
 */
export function redact(value: unknown): unknown {
  return plain(value, [])
}

/** True for a name whose value must not be written: one of its words is `password`, `token`, `key`, … in any spelling. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
  return words.some((word) => SECRET_WORDS.has(word) || SECRET_ENDING.test(word))
}

function plain(value: unknown, above: readonly object[]): unknown {
  if (typeof value === 'bigint' || typeof value === 'symbol') return String(value)
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value)
  if (typeof value === 'function') return '[function]'
  if (typeof value !== 'object' || value === null) return value
  if (above.includes(value)) return '[circular]'
  if (above.length === MOST_LEVELS) return '[too deep]'
  try {
    return plainObject(value, [...above, value])
  } catch {
    return '[unreadable]'
  }
}

function plainObject(value: object, above: readonly object[]): unknown {
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString()
  if (Array.isArray(value)) return value.map((item) => plain(item, above))
  if (value instanceof Map)
    return plainEntries(
      [...value].map(([name, item]) => [String(name), item]),
      above,
    )
  if (value instanceof Set) return [...value].map((item) => plain(item, above))
  if (value instanceof Error) {
    const { name, message, stack, cause } = value
    const own = Object.entries(value)
    return plainEntries(
      [
        ['name', name],
        ['message', message],
        ...own,
        ['stack', stack],
        ...(cause === undefined ? [] : [['cause', cause] as const]),
      ],
      above,
    )
  }
  return plainEntries(Object.entries(value), above)
}

function plainEntries(entries: readonly (readonly [string, unknown])[], above: readonly object[]): unknown {
  return Object.fromEntries(entries.map(([name, item]) => [name, isSecretName(name) ? REDACTED : plain(item, above)]))
}
