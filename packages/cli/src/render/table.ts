import { type Fragment, join, type Piece, printable } from './markup.js'
import type { Palette } from './palette.js'
import { textWidth } from './text-width.js'

/** Columns aligned under their titles; the last one is not padded. */
export function renderTable(
  palette: Palette,
  titles: readonly string[],
  rows: readonly (readonly Piece[])[],
): Fragment {
  const cells = [titles.map((title) => palette.faint(title)), ...rows.map((row) => row.map(asFragment))]
  const widths = titles.map((_, column) => Math.max(...cells.map((row) => width(row[column]))))
  return join(
    cells.map((row) =>
      join(
        row.map((cell, column) => padded(cell, column === row.length - 1 ? 0 : widths[column])),
        '  ',
      ),
    ),
    '\n',
  )
}

function asFragment(piece: Piece): Fragment {
  return { printable: printable(piece) }
}

function padded(cell: Fragment, columns = 0): Fragment {
  return { printable: cell.printable + ' '.repeat(Math.max(0, columns - width(cell))) }
}

function width(cell: Fragment | undefined): number {
  return cell === undefined ? 0 : textWidth(cell.printable)
}
