import type { Document, LineCounter, YAMLError } from 'yaml'
import type { Profile } from '../contract/profile.js'
import { profileFileSchema } from '../contract/profile-schema.js'
import { janusError } from '../errors/janus-error.js'
import { nearestName } from '../modules/nearest-name.js'
import type * as z from '../zod.js'

type Issue = z.ZodError['issues'][number]

/** Members by the depth at which they are looked for: of the file, and of one of its modules. */
const MEMBERS = { file: Object.keys(profileFileSchema.shape), module: ['module', 'options', 'after'] } as const

/**
 * Reads the text of a profile: YAML 1.2 (core schema), of which JSON is a part. Anchors, aliases, tags, several documents
 * and keys that are there twice are refused.
 * @param text untrusted
 * @param path for messages; one that ends in `.json` must be JSON
 * @throws JANUS_CONFIG_INVALID naming file, line and column, the member, and the nearest known name
 */
export async function parseProfile(text: string, path: string): Promise<Profile> {
  const yaml = await import('yaml')
  const lines = new yaml.LineCounter()
  const invalid = (problem: string, position?: string, cause?: unknown): Error =>
    janusError('JANUS_CONFIG_INVALID', `${path}${position === undefined ? '' : `:${position}`}: ${problem}`, {
      data: { path, ...(position === undefined ? {} : { position }) },
      ...(cause === undefined ? {} : { cause }),
    })
  const source = text.replace(/^\uFEFF/, '')
  if (path.endsWith('.json')) requireJson(source, invalid)
  const { document, value } = read(source)
  const parsed = profileFileSchema.safeParse(value)
  if (parsed.success) {
    const { $schema: _, ...profile } = parsed.data
    return profile as Profile
  }
  const [issue] = parsed.error.issues
  throw invalid(problemOf(issue, value), issue === undefined ? undefined : positionOf(document, lines, issue))

  function read(given: string): { readonly document: Document; readonly value: unknown } {
    try {
      const options = { version: '1.2', schema: 'core', strict: true, uniqueKeys: true, merge: false } as const
      const document = yaml.parseDocument(given, { ...options, lineCounter: lines, logLevel: 'error' })
      const [problem] = [...document.errors, ...document.warnings]
      if (problem !== undefined) throw invalid(wordsOf(problem), lineAndColumn(lines, problem.pos[0]), problem)
      yaml.visit(document, {
        Alias: (_, node) => refuse('aliases (*name) are not taken', node.range?.[0]),
        Node: (_, node) => {
          if ('anchor' in node && node.anchor !== undefined) refuse('anchors (&name) are not taken', node.range?.[0])
          if (node.tag !== undefined && !isCoreTag(node.tag))
            refuse(`the tag ${node.tag} is not taken`, node.range?.[0])
        },
        Pair: (_, pair) => {
          const isText = yaml.isScalar(pair.key) && typeof pair.key.value === 'string'
          if (!isText) refuse('a key must be a text', yaml.isNode(pair.key) ? pair.key.range?.[0] : undefined)
        },
      })
      return { document, value: document.toJS({ maxAliasCount: 0 }) }
    } catch (cause) {
      // A file of nothing but brackets is nested deeper than the reader can go.
      if (cause instanceof RangeError) throw invalid('it is nested too deeply', undefined, cause)
      throw cause
    }
  }

  function refuse(problem: string, offset: number | undefined): never {
    throw invalid(problem, offset === undefined ? undefined : lineAndColumn(lines, offset))
  }
}

/** YAML reads what JSON is not, and takes the last of two members of one name as the error that JSON does not know. */
function requireJson(text: string, invalid: (problem: string, position?: string, cause?: unknown) => Error): void {
  try {
    JSON.parse(text)
  } catch (cause) {
    throw invalid(`it is not JSON: ${(cause as Error).message}`, undefined, cause)
  }
}

function isCoreTag(tag: string): boolean {
  return /^tag:yaml\.org,2002:(map|seq|str|int|float|bool|null)$/.test(tag)
}

/** The parser's own message shows the line again, with an arrow; the place is said already. */
function wordsOf({ message, code }: YAMLError): string {
  if (code === 'DUPLICATE_KEY') return 'a key is there twice'
  return (message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '')
}

function lineAndColumn(lines: LineCounter, offset: number): string {
  const { line, col } = lines.linePos(offset)
  return `${line}:${col}`
}

/** Where the member that is wrong stands, or the nearest one around it. */
function positionOf(document: Document, lines: LineCounter, issue: Issue): string | undefined {
  const path = issue.path as (string | number)[]
  if (issue.code === 'unrecognized_keys') {
    const map = path.length === 0 ? document.contents : document.getIn(path, true)
    const items = (map as { items?: { key: { value?: unknown; range?: [number, number, number] } }[] } | null)?.items
    const key = items?.find(({ key: { value } }) => value === issue.keys[0])?.key
    if (key?.range !== undefined) return lineAndColumn(lines, key.range[0])
  }
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    const range = (node as { range?: [number, number, number] } | null | undefined)?.range
    if (range !== undefined) return lineAndColumn(lines, range[0])
  }
  return undefined
}

function problemOf(issue: Issue | undefined, value: unknown): string {
  if (issue === undefined || typeof value !== 'object' || value === null)
    return 'a profile is a map with schema, name, modules'
  const field = fieldOf(issue.path)
  if (issue.code !== 'unrecognized_keys') return `${field === '' ? 'the file' : field}: ${issue.message}`
  const [key = ''] = issue.keys
  const known = issue.path.length === 0 ? MEMBERS.file : MEMBERS.module
  const near = nearestName(key, known)
  return `${field === '' ? '' : `${field}.`}${key} is unknown; ${near === undefined ? `known are ${known.join(', ')}` : `${near}?`}`
}

function fieldOf(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : `${index > 0 ? '.' : ''}${String(part)}`))
    .join('')
}
