import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runAgentSessions, SESSION_PAGES } from './agent-sessions.js'
import { withAgentTables } from './agent-tables.js'
import { repository } from './workspace.js'

const fileOf = (page: string): string => join(repository, 'docs/agent', `${page}.md`)

for (const page of ['configuration', 'proposals']) {
  const text = await readFile(fileOf(page), 'utf8')
  await writeFile(fileOf(page), withAgentTables(text))
}
const shown = new Map<string, string>()
for (const page of SESSION_PAGES) shown.set(page, await readFile(fileOf(page), 'utf8'))
const { pages } = await runAgentSessions(shown)
for (const [page, text] of pages) await writeFile(fileOf(page), text)
