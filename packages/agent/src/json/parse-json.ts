import type { JsonValue } from '@janus/core'

/** What text may be to be read at all. */
export interface ParseJsonOptions {
  /** How deep values may lie in each other. Default: 64. */
  readonly depth?: number
}

const DEPTH = 64

/**
 * Reads JSON text from somebody who is not trusted: an object with two members of one name, which readers understand differently, and what
 * lies too deep are refused.
 * @throws SyntaxError saying what is wrong
 */
export function parseJson(text: string, { depth = DEPTH }: ParseJsonOptions = {}): JsonValue {
  refuseDepthAndDuplicates(text, depth)
  return JSON.parse(text) as JsonValue
}

/** Walks strings and brackets of text that may not even be JSON: what is not, JSON.parse refuses afterwards. */
function refuseDepthAndDuplicates(text: string, most: number): void {
  const names: (Set<string> | undefined)[] = []
  let string: readonly [start: number, end: number] | undefined
  for (let at = 0; at < text.length; at += 1) {
    switch (text[at]) {
      case '"': {
        const end = endOfString(text, at)
        string = [at, end]
        at = end - 1
        break
      }
      case '{':
      case '[':
        names.push(text[at] === '{' ? new Set() : undefined)
        if (names.length > most) throw new SyntaxError(`values lie in each other more than ${most} deep`)
        break
      case '}':
      case ']':
        names.pop()
        break
      case ':':
        if (string !== undefined) note(names.at(-1), text.slice(...string))
        break
    }
  }
}

/** The offset behind the closing quotation mark; the length of the text when there is none. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') return at + 1
  }
  return text.length
}

function note(names: Set<string> | undefined, key: string): void {
  if (names === undefined) return
  // Two spellings of one name are one name: "a" and "\u0061".
  const name = JSON.parse(key) as string
  if (names.has(name)) throw new SyntaxError(`two members are called ${JSON.stringify(name)}`)
  names.add(name)
}
