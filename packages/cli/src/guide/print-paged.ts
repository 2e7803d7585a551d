import type { CommandContext } from '../command.js'
import { type Fragment, text } from '../render/markup.js'
import { rowCount } from '../render/row-count.js'

/** Rows that the question and what was read last keep. */
const KEPT = 3

/** Prints a text, page by page where it is longer than the terminal; `q` leaves out the rest. */
export async function printPaged(context: CommandContext, content: Fragment): Promise<void> {
  const { columns = 80, rows } = context.drawing
  const all = content.printable.split('\n')
  const room = rows === undefined ? Number.POSITIVE_INFINITY : Math.max(1, rows - KEPT)
  for (let start = 0; start < all.length; ) {
    const end = endOfPage(all, { start, room, columns })
    context.print({ printable: all.slice(start, end).join('\n') })
    if (end < all.length) {
      const answer = await context.line(text`-- ${all.length - end} more lines: Enter goes on, q leaves them out -- `)
      if (answer.trim().toLowerCase() === 'q' || process.stdin.readableEnded) return
    }
    start = end
  }
}

function endOfPage(
  all: readonly string[],
  { start, room, columns }: { readonly start: number; readonly room: number; readonly columns: number },
): number {
  let left = room
  let end = start
  while (end < all.length) {
    left -= rowCount(all[end] ?? '', columns)
    if (left < 0 && end > start) break
    end += 1
  }
  return end
}
