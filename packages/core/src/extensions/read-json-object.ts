import { readFileSync, realpathSync, statSync } from 'node:fs'
import { isObject } from '../modules/package-file.js'

const MOST_BYTES = 1_048_576

/** The object in a JSON file of at most 1 MiB; undefined for anything else. Nothing that could be waited for is opened. */
export function readJsonObject(path: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const place = realpathSync(path)
    const { size } = requireFile(place)
    const value: unknown = size > MOST_BYTES ? undefined : JSON.parse(readFileSync(place, 'utf8'))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function requireFile(path: string): { readonly size: number } {
  const entry = statSync(path)
  if (!entry.isFile()) throw new Error(`${path} is no file`)
  return entry
}
