import { SUPPORTED_MODULE_API } from '../contract/symbols.js'
import type { JanusErrorCode } from '../errors/codes.js'

/** What a program states about itself, as text: in its source, or when it is asked for `meta`. */
export interface StatedMetadata {
  readonly id?: string
  readonly type?: string
  readonly version?: string
  readonly compatApi?: string
}

/** What is wrong with stated metadata. */
export interface MetadataProblem {
  readonly code: JanusErrorCode
  /** A clause: `it states no version`. */
  readonly what: string
}

const KEBAB_CASE = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/
const SEMVER = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/
/** Stands in what was found for a type or version that only the program itself can tell. */
export const UNSTATED = 'unknown'

const FIELDS = ['type', 'id', 'version', 'compatApi'] as const
const LONGEST = 100

/** The first thing that is wrong with stated metadata; undefined when it is complete and well formed. */
export function metadataProblem(stated: StatedMetadata): MetadataProblem | undefined {
  const missing = FIELDS.filter((field) => (stated[field] ?? '') === '')
  if (missing.length > 0) return invalid(`it states no ${missing.map(fieldName).join(', ')}`)
  for (const field of ['id', 'type'] as const) {
    if (!isKebabCase(stated[field])) return invalid(`${field} ${quoted(stated[field])} is not kebab-case`)
  }
  if (!isVersion(stated.version)) return invalid(`version ${quoted(stated.version)} is not MAJOR.MINOR.PATCH`)
  if (!/^\d{1,6}$/.test(stated.compatApi ?? ''))
    return invalid(`compat_api ${quoted(stated.compatApi)} is not a number`)
  if (SUPPORTED_MODULE_API.includes(Number(stated.compatApi) as 1)) return undefined
  const spoken = SUPPORTED_MODULE_API.join(', ')
  const what = `it is written for Module API ${stated.compatApi}, this core speaks ${spoken}`
  return { code: 'JANUS_MODULE_API_UNSUPPORTED', what }
}

/** True for text that can be a module's id or type. */
export function isKebabCase(text: string | undefined): text is string {
  return text !== undefined && text.length <= LONGEST && KEBAB_CASE.test(text)
}

/** True for text that can be a module's version. */
export function isVersion(text: string | undefined): text is string {
  return text !== undefined && text.length <= LONGEST && SEMVER.test(text)
}

/** Untrusted text as it can stand in a message. */
export function quoted(text: string | undefined): string {
  return JSON.stringify((text ?? '').slice(0, LONGEST))
}

function fieldName(field: (typeof FIELDS)[number]): string {
  return field === 'compatApi' ? 'compat_api' : field
}

function invalid(what: string): MetadataProblem {
  return { code: 'JANUS_MODULE_METADATA_INVALID', what }
}
