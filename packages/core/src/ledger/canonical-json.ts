import { hash } from 'node:crypto'
import canonicalizeModule from 'canonicalize'

// canonicalize is CommonJS whose types claim a default export: what node imports is the function itself.
const canonicalize = canonicalizeModule as unknown as (value: unknown) => string | undefined

/**
 * The RFC 8785 JSON of a value: one text for everybody, whatever the order of the keys.
 * @param value a JSON value; members that are undefined are left out
 * @throws Error for NaN, Infinity, and what JSON cannot say
 */
export function canonicalJson(value: unknown): string {
  refuseFunctions(value)
  const text = canonicalize(value)
  if (text === undefined) throw new Error('the value is not a JSON value')
  return text
}

/** SHA-256 of text (as UTF-8) or bytes, lower-case hex. */
export function sha256Hex(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex')
}

/** SHA-256 over the RFC 8785 JSON of a value, lower-case hex. */
export function canonicalDigest(value: unknown): string {
  return sha256Hex(canonicalJson(value))
}

// canonicalize spells a function in an object as the word undefined, which is not JSON.
function refuseFunctions(value: unknown): void {
  if (typeof value === 'function') throw new Error('a function is not a JSON value')
  if (typeof value !== 'object' || value === null) return
  for (const member of Object.values(value)) refuseFunctions(member)
}
