import type { Document, LineCounter, YAMLError } from 'yaml'
import { janusError } from '../errors/janus-error.js'

/** A configuration file, read. */
export interface ConfigText {
  readonly value: unknown
  /**
   * `line:column` of a member, or of the nearest one around it that stands in the text.
   * @param path names and indexes from the outermost member on
   * @param key a member of it that is wrong as such: its name is pointed at
   */
  positionOf(path: readonly PropertyKey[], key?: string): string | undefined
  /** An error about the file: `<file>:<line>:<column>: <problem>`. */
  invalid(problem: string, position?: string, cause?: unknown): Error
}

/**
 * Reads the text of a configuration file: YAML 1.2 (core schema), of which JSON is a part. Anchors, aliases, tags, several documents, keys that are no text
 * and keys that are there twice are refused, and so is what lies too deep.
 * @param text untrusted
 * @param path for messages; one that ends in `.json` must be JSON
 * @throws JANUS_CONFIG_INVALID naming file, line and column
 */
export async function readConfigText(text: string, path: string): Promise<ConfigText> {
  const yaml = await import('yaml')
  const lines = new yaml.LineCounter()
  const source = text.replace(/^\uFEFF/, '')
  if (path.endsWith('.json')) requireJson(source)
  const { document, value } = read(source)
  return { value, invalid, positionOf: (member, key) => positionOf(document, lines, member, key) }

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

  function invalid(problem: string, position?: string, cause?: unknown): Error {
    return janusError('JANUS_CONFIG_INVALID', `${path}${position === undefined ? '' : `:${position}`}: ${problem}`, {
      data: { path, ...(position === undefined ? {} : { position }) },
      ...(cause === undefined ? {} : { cause }),
    })
  }

  function refuse(problem: string, offset: number | undefined): never {
    throw invalid(problem, offset === undefined ? undefined : lineAndColumn(lines, offset))
  }

  /** YAML reads what JSON is not, and takes the last of two members of one name as the error that JSON does not know. */
  function requireJson(given: string): void {
    try {
      JSON.parse(given)
    } catch (cause) {
      throw invalid(`it is not JSON: ${(cause as Error).message}`, undefined, cause)
    }
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

function positionOf(
  document: Document,
  lines: LineCounter,
  path: readonly PropertyKey[],
  key: string | undefined,
): string | undefined {
  if (key !== undefined) {
    const map = path.length === 0 ? document.contents : document.getIn(path, true)
    const items = (map as { items?: { key: { value?: unknown; range?: [number, number, number] } }[] } | null)?.items
    const found = items?.find(({ key: { value } }) => value === key)?.key
    if (found?.range !== undefined) return lineAndColumn(lines, found.range[0])
  }
  for (let length = path.length; length >= 0; length -= 1) {
    const node = length === 0 ? document.contents : document.getIn(path.slice(0, length), true)
    const range = (node as { range?: [number, number, number] } | null | undefined)?.range
    if (range !== undefined) return lineAndColumn(lines, range[0])
  }
  return undefined
}
