import { hang } from './hang.js'
import { type Fragment, lines, text } from './markup.js'
import type { Palette } from './palette.js'
import { rowCount } from './row-count.js'

const HELP = 'Arrow keys move, Enter chooses, Escape leaves.'
/** Rows that what lies outside of the window and the cursor take. */
const AROUND = 4

const PLAIN = { first: '', further: '' }

/** A list of which one item is chosen, and the terminal that it is drawn on. */
export interface ChoiceList {
  /** May have several lines each. */
  readonly items: readonly Fragment[]
  readonly cursor: number
  readonly columns: number
  readonly rows: number
}

/** The question with as much of the list around the cursor as the terminal has room for. */
export function renderOpenList(palette: Palette, question: string, list: ChoiceList): Fragment {
  const { items, cursor, columns, rows } = list
  const drawn = items.map((item, index) => renderItem(palette, item, { isCurrent: index === cursor, columns }))
  const [title, help] = [hang(palette.title(question), PLAIN, columns), hang(palette.faint(HELP), PLAIN, columns)]
  const heights = drawn.map(({ printable }) => rowCount(printable, columns))
  const room = rows - AROUND - rowCount(title.printable, columns) - rowCount(help.printable, columns)
  const { first, last } = windowOf(heights, cursor, room)
  const above = first === 0 ? undefined : palette.faint(text`  ${first} more above`)
  const below = last === items.length - 1 ? undefined : palette.faint(text`  ${items.length - 1 - last} more below`)
  return lines(title, above, drawn.slice(first, last + 1), below, help)
}

/** The question with what was chosen. */
export function renderAnswer(palette: Palette, question: string, { items, cursor, columns }: ChoiceList): Fragment {
  const [chosen = ''] = items[cursor]?.printable.split('\n') ?? []
  return lines(palette.title(question), hang({ printable: chosen }, { first: '  ', further: '      ' }, columns))
}

/** The mark says which one is current, also without colour. */
function renderItem(
  palette: Palette,
  item: Fragment,
  { isCurrent, columns }: { readonly isCurrent: boolean; readonly columns: number },
): Fragment {
  return lines(
    item.printable
      .split('\n')
      .map((line, index) =>
        hang(
          isCurrent && index === 0 ? palette.title({ printable: line }) : { printable: line },
          { first: isCurrent && index === 0 ? '> ' : '  ', further: '      ' },
          columns,
        ),
      ),
  )
}

/** Indexes of the items that fit, the current one among them: from there down, then up. */
function windowOf(heights: readonly number[], cursor: number, room: number): { first: number; last: number } {
  let [first, last] = [cursor, cursor]
  let left = room - (heights[cursor] ?? 0)
  for (let isGrowing = true; isGrowing; ) {
    isGrowing = false
    const [below, above] = [heights[last + 1], heights[first - 1]]
    if (below !== undefined && below <= left) {
      last += 1
      left -= below
      isGrowing = true
    }
    if (above !== undefined && above <= left) {
      first -= 1
      left -= above
      isGrowing = true
    }
  }
  return { first, last }
}
