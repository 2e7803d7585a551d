import { type Janus, janusError } from '@janus/core'

type JsonSchema = Readonly<Record<string, unknown>>

/**
 * The options of a module as the command line gives them: those of a file, overridden by `-o key=value`.
 * @param given what was read from `--options`
 */
export async function moduleOptions(
  janus: Janus,
  module: string,
  assignments: readonly string[],
  given: unknown = {},
): Promise<Readonly<Record<string, unknown>>> {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw janusError('JANUS_OPTIONS_INVALID', 'the options of a module are a JSON object')
  }
  if (assignments.length === 0) return { ...given }
  const { optionsSchema } = await janus.describe(module)
  return { ...given, ...readAssignments(assignments, optionsSchema) }
}

/**
 * Reads `key=value` words. The schema says what a value is; a key that it does not know is passed on as text, for the
 * module's own schema to refuse. A list takes one value per word, or a JSON array.
 */
export function readAssignments(assignments: readonly string[], schema: JsonSchema): Readonly<Record<string, unknown>> {
  const properties = (schema.properties ?? {}) as Readonly<Record<string, JsonSchema>>
  const values = new Map<string, unknown>()
  for (const assignment of assignments) {
    const equals = assignment.indexOf('=')
    if (equals < 1) throw janusError('JANUS_USAGE', `-o takes key=value, not ${JSON.stringify(assignment)}`)
    const [key, written] = [assignment.slice(0, equals), assignment.slice(equals + 1)]
    const property = Object.hasOwn(properties, key) ? (properties[key] ?? {}) : {}
    const earlier = values.get(key)
    if (property.type === 'array') {
      const items = listOf(written, (property.items ?? {}) as JsonSchema)
      values.set(key, Array.isArray(earlier) ? [...earlier, ...items] : items)
    } else if (values.has(key)) {
      throw janusError('JANUS_USAGE', `-o ${key} is given twice and is not a list`)
    } else {
      values.set(key, readValue(written, property))
    }
  }
  return Object.fromEntries(values)
}

function listOf(written: string, items: JsonSchema): readonly unknown[] {
  const parsed = written.startsWith('[') ? parseJson(written) : undefined
  return Array.isArray(parsed) ? parsed : [readValue(written, items)]
}

/** What cannot be read as the schema wants it stays text: the module's schema then names the mistake. */
function readValue(written: string, schema: JsonSchema): unknown {
  const alternatives = [schema.anyOf, schema.oneOf].find(Array.isArray) as readonly JsonSchema[] | undefined
  if (alternatives !== undefined) {
    const readings = alternatives.map((alternative) => readValue(written, alternative))
    return readings.find((reading) => typeof reading !== 'string') ?? written
  }
  switch (schema.type) {
    case 'integer':
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(written) ? Number(written) : written
    case 'boolean':
      return written === 'true' ? true : written === 'false' ? false : written
    case 'object':
      return parseJson(written) ?? written
    default:
      return written
  }
}

function parseJson(written: string): unknown {
  try {
    return JSON.parse(written)
  } catch {
    return undefined
  }
}
