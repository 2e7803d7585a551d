/** How untrusted text is made fit for a terminal. */
export interface EscapeOptions {
  /** Keep line feeds and tabs; without it one text stays one line. */
  readonly multiline?: boolean
}

// Cc: C0, DEL, C1. Cf: bidi controls, zero-width, tags. Cs: half surrogates. Zl, Zp: line separators.
// DI: what renderers leave out, among it variation selectors and fillers that no other class holds.
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{DI}]/gu
const NAMES: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

/**
 * Makes everything in untrusted text visible that a terminal would obey or hide: control characters, escape sequences,
 * bidirectional and zero-width characters. Printable text of any script stays as it is.
 * @param text from sysfs, a file, a module, a program, another user
 */
export function escapeForTerminal(text: string, { multiline = false }: EscapeOptions = {}): string {
  return text.replace(UNSAFE, (character) =>
    multiline && (character === '\n' || character === '\t') ? character : visible(character),
  )
}

function visible(character: string): string {
  const name = NAMES[character]
  if (name !== undefined) return name
  const code = (character.codePointAt(0) ?? 0).toString(16)
  return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u{${code}}`
}
