import type { JanusErrorCode } from '../errors/codes.js'
import { ERROR_CODES } from '../errors/codes.js'
import { janusError } from '../errors/janus-error.js'
import type { DiscoveredModule } from '../modules/discovered-module.js'
import type { ModuleRefusal } from './module-protocol.js'

/** Refusals that are taken from a module as such, in its own words. */
const OWN_WORDS: ReadonlySet<string> = new Set<JanusErrorCode>([
  'JANUS_OPTIONS_INVALID',
  'JANUS_PCI_ADDRESS_INVALID',
  'JANUS_DEVICE_NOT_FOUND',
  'JANUS_DEVICE_REFUSED',
  'JANUS_HOST_UNREADABLE',
  'JANUS_HOST_UNFIT',
  'JANUS_HOST_LACKS_FEATURE',
  'JANUS_MODULE_CHECK_ONLY',
])

const LONGEST_WORDS = 2_000

/** What the child finds out about a module before it asks it. */
const ABOUT_THE_MODULE: ReadonlySet<string> = new Set<JanusErrorCode>([
  'JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE',
  'JANUS_MODULE_IMPORT_FAILED',
  'JANUS_MODULE_SHAPE_INVALID',
  'JANUS_MODULE_VERSION_DRIFT',
])

/** The error that says what became of a module that runs in a child, naming it, its version and where to report it. */
export function moduleError(
  found: DiscoveredModule,
  code: JanusErrorCode,
  what: string,
  details: {
    readonly cause?: unknown
    readonly remedy?: string
    readonly data?: Readonly<Record<string, unknown>>
  } = {},
): Error {
  const bugs = found.code?.bugs
  const remedy = details.remedy ?? (bugs === undefined ? ERROR_CODES[code].remedy : `Report it to ${bugs}.`)
  const place = {
    package: found.source,
    version: found.version,
    ...(found.path === undefined ? {} : { path: found.path }),
  }
  return janusError(code, `module ${found.id} ${found.version} ${what}`, {
    module: found.id,
    remedy,
    data: { ...details.data, ...place, ...(bugs === undefined ? {} : { bugs }) },
    ...(details.cause === undefined ? {} : { cause: details.cause }),
  })
}

/**
 * The error for what a child answered instead of an answer. Its codes are the module's word: refusals are taken as such,
 * everything else is a module that failed. Its text is told as its own, on one line; what it advises is no remedy of ours,
 * and its data lies where nobody takes it for ours.
 */
export function refusalError(found: DiscoveredModule, { code, message, remedy, data }: ModuleRefusal): Error {
  const advice = remedy === undefined ? '' : `; it advises: ${oneLine(remedy)}`
  const said = `${oneLine(message)}${advice}`
  const details = data === undefined ? {} : { data: { said: data } }
  if (OWN_WORDS.has(code)) {
    const known = code as JanusErrorCode
    return moduleError(found, known, `says: ${said}`, { ...details, remedy: ERROR_CODES[known].remedy })
  }
  if (ABOUT_THE_MODULE.has(code)) return moduleError(found, code as JanusErrorCode, `cannot be loaded: ${said}`)
  return moduleError(found, 'JANUS_MODULE_CRASHED', `failed: ${said}`)
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, LONGEST_WORDS)
}
