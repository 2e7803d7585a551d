import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { repository } from '../workspace.js'

/**
 * The rows of the first table below a heading of a page, as plain text, so that a man page says what the page says.
 * @param page the page, from the root of the repository
 * @param heading the text of the heading without its hashes
 * @throws Error when the page has no such heading, or no table below it
 */
export async function pageTable(page: string, heading: string): Promise<readonly (readonly string[])[]> {
  const lines = (await readFile(join(repository, page), 'utf8')).split('\n')
  const start = lines.findIndex((line) => line.replace(/^#+ /, '') === heading && line.startsWith('#'))
  const first = lines.findIndex((line, index) => start >= 0 && index > start && line.startsWith('|'))
  if (start < 0 || first < 0) throw new Error(`${page} has no table below "${heading}"`)
  const length = lines.slice(first).findIndex((line) => !line.startsWith('|'))
  const rows = lines.slice(first + 2, length < 0 ? undefined : first + length)
  return rows.map((row) =>
    row
      .replace(/^\||\|$/g, '')
      .split('|')
      .map(plain),
  )
}

/** A cell without its marks: code, links. */
function plain(cell: string): string {
  return cell
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replaceAll('`', '')
    .trim()
}
