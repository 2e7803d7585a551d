import { textWidth } from './text-width.js'

/** Rows that lines take on a terminal: one that is wider than it takes several. */
export function rowCount(lines: string, columns: number): number {
  return lines.split('\n').reduce((rows, line) => rows + Math.max(1, Math.ceil(textWidth(line) / columns)), 0)
}
