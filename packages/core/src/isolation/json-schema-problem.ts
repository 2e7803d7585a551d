import { isObject } from '../modules/package-file.js'

/** Levels of schemas in schemas: whoever prints options, or reads them, walks them recursively. */
const DEEPEST = 32
const MOST_SCHEMAS = 10_000

/** What a keyword of JSON Schema holds: https://json-schema.org/draft/2020-12/json-schema-core, sections 10 and 11. */
const HOLDS_A_SCHEMA = [
  ...['items', 'additionalItems', 'contains', 'unevaluatedItems', 'contentSchema'],
  ...['additionalProperties', 'unevaluatedProperties', 'propertyNames', 'not', 'if', 'then', 'else'],
]
const HOLDS_A_LIST = ['anyOf', 'oneOf', 'allOf', 'prefixItems']
const HOLDS_NAMED = ['properties', 'patternProperties', 'dependentSchemas', '$defs', 'definitions']
const HOLDS_TEXT = ['title', 'description', 'format', 'pattern', 'contentEncoding', 'contentMediaType']
const REFERENCES = ['$schema', '$id', '$ref', '$anchor', '$dynamicRef', '$dynamicAnchor', '$comment']

/**
 * What is wrong with the schema of options that a stranger's module answered: every schema in it must be an object, or true or
 * false, and its keywords of the kinds that whoever reads them relies on. Nothing is judged that nobody reads.
 * @param schema JSON that was parsed
 * @returns undefined when nothing is; else a few words that name the place
 */
export function jsonSchemaProblem(schema: unknown): string | undefined {
  if (!isObject(schema)) return 'it is no object'
  const pending: Place[] = [{ at: '', depth: 1, schema }]
  let seen = 0
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    seen += 1
    const { at, depth } = next
    if (depth > DEEPEST) return `schemas lie more than ${DEEPEST} levels deep`
    if (seen > MOST_SCHEMAS) return `it holds more than ${MOST_SCHEMAS} schemas`
    if (typeof next.schema === 'boolean') continue
    if (!isObject(next.schema)) return `${nameOf(at)} is neither an object nor true or false`
    const wrong = wrongKeyword(next.schema)
    if (wrong !== undefined) return `${nameOf(at === '' ? wrong : `${at}.${wrong}`)} is of the wrong kind`
    for (const [key, inner] of innerSchemas(next.schema)) {
      pending.push({ at: at === '' ? key : `${at}.${key}`, depth: depth + 1, schema: inner })
    }
  }
  return undefined
}

interface Place {
  readonly at: string
  readonly depth: number
  readonly schema: unknown
}

type JsonObject = Readonly<Record<string, unknown>>

function wrongKeyword(schema: JsonObject): string | undefined {
  const wrong = (names: readonly string[], isRight: (value: unknown) => boolean) =>
    names.find((name) => schema[name] !== undefined && !isRight(schema[name]))
  return (
    wrong(HOLDS_A_LIST, Array.isArray) ??
    wrong(HOLDS_NAMED, isObject) ??
    wrong([...HOLDS_TEXT, ...REFERENCES], (value) => typeof value === 'string') ??
    wrong(['type'], (value) => typeof value === 'string' || isListOfTexts(value)) ??
    wrong(['required'], isListOfTexts) ??
    wrong(['enum', 'examples'], Array.isArray)
  )
}

function innerSchemas(schema: JsonObject): readonly (readonly [key: string, schema: unknown])[] {
  const own = (name: string) => (Object.hasOwn(schema, name) ? schema[name] : undefined)
  return [
    ...HOLDS_A_SCHEMA.flatMap((name) => (Object.hasOwn(schema, name) ? [[name, own(name)] as const] : [])),
    ...[...HOLDS_A_LIST, ...HOLDS_NAMED].flatMap((name) =>
      Object.entries(own(name) ?? {}).map(([key, inner]) => [`${name}.${key}`, inner] as const),
    ),
  ]
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((element) => typeof element === 'string')
}

function nameOf(place: string): string {
  return JSON.stringify(place.length > 200 ? `${place.slice(0, 200)}...` : place)
}
