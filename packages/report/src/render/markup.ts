import { escapeForTerminal } from '@janus/core'

// A symbol, so that nothing that came through JSON can pass for markup.
const HTML = Symbol('html')

/** HTML in which every text of others has been escaped. Made only by {@link html}. */
export interface Markup {
  readonly [HTML]: string
}

/** What can stand in an {@link html} template. Texts and numbers are escaped, nothing comes of undefined. */
export type Piece = string | number | undefined | Markup | readonly Piece[]

/** Builds HTML: texts put into it are escaped for elements and quoted attributes, markup is taken as it is. */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Markup {
  return { [HTML]: strings.map((literal, index) => `${literal}${htmlOf(pieces[index])}`).join('') }
}

/** The HTML of a piece. */
export function htmlOf(piece: Piece): string {
  if (piece === undefined) return ''
  if (isList(piece)) return piece.map(htmlOf).join('')
  if (typeof piece === 'object') return piece[HTML]
  return escaped(String(piece))
}

/** What separates pieces of a list. */
export function joined(pieces: readonly Piece[], separator: string): Piece {
  return pieces.map((piece, index) => (index === 0 ? piece : [separator, piece]))
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

/** Control and invisible characters are made visible first: they could turn the order of what is read around. */
function escaped(text: string): string {
  return escapeForTerminal(text, { multiline: true }).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

function isList(piece: Exclude<Piece, undefined>): piece is readonly Piece[] {
  return Array.isArray(piece)
}

/** The element of a style of our own. A style is not escaped, so that it must be one that no host had a part in. */
export function styleElement(style: string): Markup {
  return { [HTML]: `<style>${style}</style>` }
}
