import type { Quote } from './source-line.js'

/** A part of a word as a shell reads it. */
export type ShellPart =
  | {
      readonly kind: 'character'
      readonly character: string
      readonly start: number
      readonly end: number
      readonly quote: Quote
    }
  /** `$NAME` or `${NAME}`. */
  | { readonly kind: 'reference'; readonly name: string; readonly start: number; readonly end: number }
  /** Something whose value only a shell would know. */
  | { readonly kind: 'unknown'; readonly start: number; readonly end: number }

/** A word of a script. */
export interface ShellWord {
  readonly start: number
  readonly end: number
  readonly parts: readonly ShellPart[]
  /** Where one more character of the word is written, and what stands around it. */
  readonly insertAt: number
  readonly insertQuote: Quote
}

/** A text that is no complete shell script. */
export class ShellSyntaxError extends Error {
  readonly offset: number
  constructor(message: string, offset: number) {
    super(message)
    this.offset = offset
  }
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y
const BREAKS = /[ \t\n;&|()<>]/
const DOUBLE_ESCAPED = new Set(['$', '`', '"', '\\'])

/**
 * Reads one word of a script by the rules of the POSIX shell (2.2 Quoting, 2.6 Word Expansions), without evaluating
 * anything.
 * @throws ShellSyntaxError where a quote or an expansion does not end
 */
export function readShellWord(text: string, start: number): ShellWord {
  const parts: ShellPart[] = []
  let at = start
  let [insertAt, insertQuote]: [number | undefined, Quote] = [undefined, 'none']
  while (at < text.length && !BREAKS.test(text[at] ?? '')) {
    insertAt = undefined
    insertQuote = 'none'
    const character = text[at] ?? ''
    if (character === "'") {
      const end = text.indexOf("'", at + 1)
      if (end < 0) throw new ShellSyntaxError('a single quote does not end', at)
      for (let inner = at + 1; inner < end; inner++) parts.push(plain(text, inner, 'single'))
      ;[insertAt, insertQuote, at] = [end, 'single', end + 1]
    } else if (character === '"') {
      const end = readDoubleQuoted(text, at, parts)
      ;[insertAt, insertQuote, at] = [end - 1, 'double', end]
    } else if (character === '\\') {
      if (text[at + 1] !== '\n') {
        const shown = text[at + 1] ?? '\\'
        parts.push({
          kind: 'character',
          character: shown,
          start: at,
          end: Math.min(at + 2, text.length),
          quote: 'none',
        })
      }
      at = Math.min(at + 2, text.length)
    } else if (character === '$' || character === '`') {
      at = readExpansion(text, at, parts, true)
    } else {
      parts.push(plain(text, at, 'none'))
      at++
    }
  }
  return { start, end: at, parts, insertAt: insertAt ?? at, insertQuote }
}

function plain(text: string, at: number, quote: Quote): ShellPart {
  return { kind: 'character', character: text[at] ?? '', start: at, end: at + 1, quote }
}

/** @returns the offset behind the closing quote */
function readDoubleQuoted(text: string, start: number, parts: ShellPart[]): number {
  let at = start + 1
  while (at < text.length) {
    const character = text[at] ?? ''
    const next = text[at + 1] ?? ''
    if (character === '"') return at + 1
    if (character === '\\' && next === '\n') at += 2
    else if (character === '\\' && DOUBLE_ESCAPED.has(next)) {
      parts.push({ kind: 'character', character: next, start: at, end: at + 2, quote: 'double' })
      at += 2
    } else if (character === '$' || character === '`') at = readExpansion(text, at, parts, false)
    else parts.push(plain(text, at++, 'double'))
  }
  throw new ShellSyntaxError('a double quote does not end', start)
}

/** @returns the offset behind the expansion */
function readExpansion(text: string, start: number, parts: ShellPart[], mayQuote: boolean): number {
  const next = text[start + 1] ?? ''
  let end: number
  if (text[start] === '`') end = skipBackquoted(text, start)
  else if (next === '(') end = skipBalanced(text, start + 1, '(', ')')
  else if (next === '{') {
    end = skipBalanced(text, start + 1, '{', '}')
    const name = text.slice(start + 2, end - 1)
    if (nameAt(name, 0) === name) return pushReference(parts, name, start, end)
  } else if (mayQuote && (next === "'" || next === '"')) {
    // $'…' of bash, and $"…".
    end = readShellWord(text, start + 1).end
  } else {
    const name = nameAt(text, start + 1)
    if (name !== undefined) return pushReference(parts, name, start, start + 1 + name.length)
    if (!/[0-9@*#?$!-]/.test(next)) {
      parts.push({ kind: 'character', character: '$', start, end: start + 1, quote: mayQuote ? 'none' : 'double' })
      return start + 1
    }
    end = start + 2
  }
  parts.push({ kind: 'unknown', start, end })
  return end
}

function pushReference(parts: ShellPart[], name: string, start: number, end: number): number {
  parts.push({ kind: 'reference', name, start, end })
  return end
}

function nameAt(text: string, at: number): string | undefined {
  NAME.lastIndex = at
  return NAME.exec(text)?.[0]
}

function skipBackquoted(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === '`') return at + 1
  }
  throw new ShellSyntaxError('a backquote does not end', start)
}

/** Passes over `$(…)` and `${…}`; quotes in them may hold brackets. */
function skipBalanced(text: string, start: number, open: string, close: string): number {
  let depth = 0
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? ''
    if (character === '\\') at++
    else if (character === "'") at = skipTo(text, at, "'")
    else if (character === '"') at = readDoubleQuoted(text, at, []) - 1
    else if (character === '`') at = skipBackquoted(text, at) - 1
    else if (character === open) depth++
    else if (character === close && --depth === 0) return at + 1
  }
  throw new ShellSyntaxError(`a ${open} does not end`, start)
}

function skipTo(text: string, start: number, wanted: string): number {
  const end = text.indexOf(wanted, start + 1)
  if (end < 0) throw new ShellSyntaxError('a quote does not end', start)
  return end
}
