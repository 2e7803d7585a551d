/** From here on letters may take two columns; taking too many for granted only makes a line shorter. */
const FIRST_WIDE = 0x1100

/** Columns that a text takes at most. */
export function columnsOf(text: string): number {
  let columns = 0
  for (const character of text) columns += widthOf(character)
  return columns
}

/** A text cut to so many columns; `...` stands for what is left out. */
export function fitText(text: string, columns: number): string {
  if (columnsOf(text) <= columns) return text
  const room = Math.max(0, columns - 3)
  let [cut, used] = ['', 0]
  for (const character of text) {
    used += widthOf(character)
    if (used > room) break
    cut += character
  }
  return `${cut}${'...'.slice(0, Math.max(0, columns))}`
}

/** A text in exactly so many columns. */
export function padText(text: string, columns: number): string {
  const fitted = fitText(text, columns)
  return fitted + ' '.repeat(Math.max(0, columns - columnsOf(fitted)))
}

function widthOf(character: string): number {
  return (character.codePointAt(0) ?? 0) >= FIRST_WIDE ? 2 : 1
}
