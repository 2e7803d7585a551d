import type { Diagnostic } from '@janus/core'

/** What `--json` prints: one document, also on failure. */
export interface JsonDocument {
  readonly schema: 'janus.cli/1'
  /** Name of the command, `janus` when it could not be told. */
  readonly command: string
  /** True exactly when the exit code is 0. */
  readonly ok: boolean
  readonly data: unknown
  readonly diagnostics: readonly Diagnostic[]
}

/** What `JSON.stringify` leaves as it is though a terminal may obey or hide it. Line feeds are the document's own. */
const OBEYED = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

/** The document as it is printed. */
export function documentText(document: Omit<JsonDocument, 'schema'>): string {
  const { command, ok, data, diagnostics } = document
  return `${jsonText({ schema: 'janus.cli/1', command, ok, data: data ?? null, diagnostics })}\n`
}

/** JSON that is safe to print on a terminal; it reads back the same. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, withoutBigInts, 2).replace(OBEYED, (character) =>
    character.split('').map(escaped).join(''),
  )
}

/** Particulars of an error may hold any value. */
function withoutBigInts(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

function escaped(codeUnit: string): string {
  return `\\u${codeUnit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
