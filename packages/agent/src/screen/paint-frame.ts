import type { ScreenLine } from './render-screen.js'

/** Draws frames on a terminal. */
export interface Painter {
  /** Draws the lines that differ from the frame before, all at once. */
  paint(frame: readonly ScreenLine[]): void
  /** The next frame is drawn whole: the terminal was resized, or something else wrote on it. */
  forget(): void
}

const ESCAPE = '\u001b['
/** Terminals that know it show the frame when it is whole; others ignore it. */
const [BEGIN, END] = [`${ESCAPE}?2026h`, `${ESCAPE}?2026l`]
const REST_OF_LINE = `${ESCAPE}K`
const WHOLE = `${ESCAPE}H${ESCAPE}2J`
const PLAIN = `${ESCAPE}0m`
const STYLES: Readonly<Record<NonNullable<ScreenLine['style']>, string>> = {
  title: `${ESCAPE}7m`,
  heading: `${ESCAPE}1m`,
  selected: `${ESCAPE}7m`,
  alert: `${ESCAPE}31m`,
}

/** Draws on a terminal without flicker: what did not change is not written again. @param colour false: no attributes at all */
export function createPainter(write: (text: string) => void, { colour }: { readonly colour: boolean }): Painter {
  let before: readonly string[] | undefined
  return {
    paint: (frame) => {
      const lines = frame.map(({ text, style }) =>
        colour && style !== undefined ? `${STYLES[style]}${text}${PLAIN}` : text,
      )
      const changed = lines.flatMap((line, index) =>
        line === before?.[index] ? [] : [`${ESCAPE}${index + 1};1H${line}${REST_OF_LINE}`],
      )
      if (before === undefined) changed.unshift(WHOLE)
      before = lines
      if (changed.length > 0) write(`${BEGIN}${changed.join('')}${END}`)
    },
    forget: () => {
      before = undefined
    },
  }
}
