import { styleText } from 'node:util'
import { type Fragment, type Piece, printable } from './markup.js'

type Paint = (piece: Piece) => Fragment

/** The few emphases that Janus prints with; plain text when colour is off. */
export interface Palette {
  readonly title: Paint
  readonly faint: Paint
  readonly good: Paint
  readonly notice: Paint
  readonly bad: Paint
}

/** A palette, with or without colour. */
export function createPalette(colored: boolean): Palette {
  const paint =
    (format: Parameters<typeof styleText>[0]): Paint =>
    (piece) => ({
      printable: colored ? styleText(format, printable(piece), { validateStream: false }) : printable(piece),
    })
  return {
    title: paint('bold'),
    faint: paint('dim'),
    good: paint('green'),
    notice: paint('yellow'),
    bad: paint('red'),
  }
}
