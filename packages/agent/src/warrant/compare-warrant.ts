import { canonicalJson } from '@janus/core/ledger'

/** One field that is not as it was approved. */
export interface Difference {
  /** Dotted: `action.binary.sha256`. */
  readonly field: string
  readonly approved: unknown
  readonly found: unknown
}

/**
 * Compares what was approved with what is found, field by field; lists are compared whole.
 * @param path of the two values, for the names of the fields
 */
export function compareFields(approved: unknown, found: unknown, path = ''): readonly Difference[] {
  if (isFields(approved) && isFields(found)) {
    const names = new Set([...Object.keys(approved), ...Object.keys(found)])
    return [...names].flatMap((name) =>
      compareFields(approved[name], found[name], path === '' ? name : `${path}.${name}`),
    )
  }
  return same(approved, found) ? [] : [{ field: path, approved: approved ?? null, found: found ?? null }]
}

function same(one: unknown, other: unknown): boolean {
  if (one === undefined || other === undefined) return one === other
  return canonicalJson(one) === canonicalJson(other)
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
