import { plainText } from './log-lines.js'
import type { StatedMetadata } from './program-metadata.js'

/** What `<program> meta` answered. */
export interface MetaAnswer extends StatedMetadata {
  /** Names of lifecycle functions, where the loader looked for them: exec mode `source`. */
  readonly functions: readonly string[]
  /** A key that was stated twice with different values. */
  readonly contradiction?: string
}

const KEYS: Readonly<Record<string, keyof StatedMetadata>> = {
  id: 'id',
  type: 'type',
  version: 'version',
  compat_api: 'compatApi',
}

/** Reads `id=`, `type=`, `version=` and `compat_api=` lines out of whatever else a program wrote, colours included. */
export function readMeta(output: string): MetaAnswer {
  const stated: Partial<Record<keyof StatedMetadata, string>> = {}
  const functions: string[] = []
  let contradiction: string | undefined
  for (const line of output.split(/\r?\n/)) {
    const [, key = '', value = ''] =
      /^(id|type|version|compat_api|function)=(.{0,1000})$/.exec(plainText(line).trim()) ?? []
    if (key === 'function') functions.push(value)
    const field = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined
    if (field === undefined) continue
    if (stated[field] !== undefined && stated[field] !== value) contradiction ??= key
    stated[field] ??= value
  }
  return { ...stated, functions, ...(contradiction === undefined ? {} : { contradiction }) }
}
