import { html, type Markup, type Piece } from './markup.js'

/** A table that becomes a list of cards where the page is narrow. */
export interface TableContent {
  readonly caption: Piece
  readonly columns: readonly string[]
  /** Cells in the order of the columns; the first heads its row. */
  readonly rows: readonly (readonly Piece[])[]
  /** Columns of the same width in every table: for tables of one kind below each other. */
  readonly fixed?: boolean
}

/** Draws a table. Its roles are written out: a browser forgets them where the style makes cards of the rows. */
export function table({ caption, columns, rows, fixed = false }: TableContent): Markup {
  const heads = columns.map((column) => html`<th scope="col" role="columnheader">${column}</th>`)
  return html`<table class="stacks ${fixed ? 'fixed' : ''}" role="table"><caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${heads}</tr></thead>
<tbody role="rowgroup">${rows.map((cells) => row(columns, cells))}</tbody></table>
`
}

function row(columns: readonly string[], [head, ...cells]: readonly Piece[]): Markup {
  const rest = cells.map((cell, index) => html`<td role="cell" data-label="${columns[index + 1]}">${cell}</td>`)
  return html`<tr role="row"><th scope="row" role="rowheader">${head}</th>${rest}</tr>
`
}
