import { pageTable } from './page-table.js'
import { definitions, section } from './roff.js'

/** The exit codes of every command, as docs/exit-codes.md tells them. */
export async function exitStatus(): Promise<string> {
  const rows = await pageTable('docs/exit-codes.md', 'Exit codes')
  return section(
    'EXIT STATUS',
    definitions(
      rows.map(([code = '', means = '', remedy = '']) => [code, remedy === '' ? means : `${means}; ${remedy}`]),
    ),
  )
}
