import type { JsonValue } from '../contract/plan.js'
import { janusError } from '../errors/janus-error.js'
import { canonicalJson } from '../ledger/canonical-json.js'

const KEY = /^[a-z][a-zA-Z0-9]{0,63}$/
const MOST_OPTIONS = 100
const LONGEST_JSON = 65_536

type Scalar = string | number | boolean
/** Options as a program takes them: scalars, and lists of them. */
export type ProgramOptions = Readonly<Record<string, Scalar | readonly Scalar[]>>

/**
 * The options of a program, checked: an object whose keys are camelCase and whose values are texts, numbers, truth
 * values or lists of those.
 * @throws JANUS_OPTIONS_INVALID naming the option
 */
export function programOptions(module: string, options: unknown): ProgramOptions {
  const fail = (path: string, message: string): Error =>
    janusError(
      'JANUS_OPTIONS_INVALID',
      `the options of ${module} are not valid: ${path === '' ? '' : `${path}: `}${message}`,
      {
        module,
        data: { issues: [{ path, message }] },
      },
    )
  if (options === undefined || options === null) return {}
  if (typeof options !== 'object' || Array.isArray(options)) throw fail('', 'they must be an object')
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  if (entries.length > MOST_OPTIONS) throw fail('', `there are more than ${MOST_OPTIONS}`)
  const names = new Map<string, string>()
  for (const [key, value] of entries) {
    if (!KEY.test(key))
      throw fail(JSON.stringify(key.slice(0, 100)), 'the name must be camelCase: letters and digits only')
    const name = upperSnake(key)
    const other = names.get(name)
    if (other !== undefined) throw fail(key, `it and ${other} both are JANUS_OPT_${name}`)
    names.set(name, key)
    const problem = valueProblem(value)
    if (problem !== undefined) throw fail(key, problem)
  }
  const checked = Object.fromEntries(entries) as ProgramOptions
  if (Buffer.byteLength(canonicalJson(checked)) > LONGEST_JSON)
    throw fail('', `they are longer than ${LONGEST_JSON} bytes`)
  return checked
}

/**
 * Options as environment variables: `JANUS_OPT_<NAME>` each (`cpuSet` is `JANUS_OPT_CPU_SET`, the elements of a list
 * on lines of their own), and all of them as `JANUS_OPTIONS_JSON`.
 */
export function optionsEnvironment(options: ProgramOptions): Readonly<Record<string, string>> {
  const single = Object.entries(options).map(([key, value]) => {
    const text = Array.isArray(value) ? value.map(String).join('\n') : String(value)
    return [`JANUS_OPT_${upperSnake(key)}`, text] as const
  })
  return { ...Object.fromEntries(single), JANUS_OPTIONS_JSON: canonicalJson(options) }
}

/** JSON Schema of the options that every program takes: it alone knows which it reads. */
export function programOptionsSchema(): Readonly<Record<string, JsonValue>> {
  const scalar = { type: ['string', 'number', 'boolean'] }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    propertyNames: { pattern: KEY.source },
    maxProperties: MOST_OPTIONS,
    additionalProperties: { anyOf: [scalar, { type: 'array', items: scalar }] },
  }
}

function upperSnake(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toUpperCase()
}

function valueProblem(value: unknown): string | undefined {
  if (!Array.isArray(value)) return scalarProblem(value)
  const problem = value.map(scalarProblem).find((found) => found !== undefined)
  if (problem !== undefined) return problem
  const broken = value.some((element) => typeof element === 'string' && element.includes('\n'))
  return broken ? 'an element of a list must be one line' : undefined
}

function scalarProblem(value: unknown): string | undefined {
  if (typeof value === 'string') return value.includes('\0') ? 'it must not hold a NUL byte' : undefined
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))) return undefined
  return 'it must be a text, a number, true or false, or a list of those'
}
