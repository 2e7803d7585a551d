import { escapeForTerminal } from '@janus/core'

/** Text that may be printed: everything untrusted in it has been escaped. Made only here and by a {@link Palette}. */
export interface Fragment {
  readonly printable: string
}

/** What can stand in a {@link text} template; strings are escaped. */
export type Piece = string | number | Fragment

/** Builds printable text: strings put into it are escaped, fragments are taken as they are. */
export function text(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Fragment {
  return { printable: strings.map((literal, index) => `${literal}${printable(pieces[index] ?? '')}`).join('') }
}

/** Joins lines, leaving out those that are undefined. */
export function lines(...parts: readonly (Fragment | undefined | readonly Fragment[])[]): Fragment {
  return join(
    parts.flat().filter((part) => part !== undefined),
    '\n',
  )
}

/** Joins pieces with a separator of the program's own. */
export function join(pieces: readonly Piece[], separator: string): Fragment {
  return { printable: pieces.map(printable).join(separator) }
}

/** The same fragment with every line moved to the right. */
export function indent(fragment: Fragment, columns: number): Fragment {
  return { printable: fragment.printable.replace(/^(?=.)/gm, ' '.repeat(columns)) }
}

/** Nothing. */
export const NOTHING: Fragment = { printable: '' }

/** The printable form of a piece. */
export function printable(piece: Piece): string {
  return typeof piece === 'object' ? piece.printable : escapeForTerminal(String(piece))
}
