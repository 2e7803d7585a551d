import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { WARRANT_SCHEMA } from '../packages/agent/src/warrant/warrant-schema.js'
import { fieldsOf } from '../packages/agent/test/warrant/warrant-fields.js'
import { comparableSession, runAgentSessions, SESSION_PAGES } from '../scripts/agent-sessions.js'
import { withAgentTables } from '../scripts/agent-tables.js'
import { repository } from '../scripts/workspace.js'

async function page(name: string): Promise<string> {
  return readFile(join(repository, 'docs/agent', `${name}.md`), 'utf8')
}

describe('the pages of the agent', () => {
  test.each([
    ['configuration', 'settings'],
    ['proposals', 'transitions'],
  ])('%s has the table of %s as the code has it: `npm run docs:agent`', async (name, table) => {
    const text = await page(name)
    expect(text).toContain(`<!-- table: ${table} -->`)
    expect(text).toBe(withAgentTables(text))
  })

  test('warrants.md has exactly the fields of a warrant', async () => {
    const told = [...(await page('warrants')).matchAll(/^\| ((?:`[^`]+`(?:, )?)+) \|/gm)].flatMap(([, names = '']) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
    )
    const fields = fieldsOf(WARRANT_SCHEMA).map((field) => field.replace(/\(\w+\)/, ''))
    // A rollback is an action, told once.
    expect(told.toSorted()).toEqual(
      [...new Set([...fields.filter((field) => !field.startsWith('rollback.')), 'rollback'])].toSorted(),
    )
  })

  test('show commands that print what the pages say they print, one page after the other in one directory', async () => {
    const shown = new Map<string, string>()
    for (const name of SESSION_PAGES) shown.set(name, await page(name))
    const { commands } = await runAgentSessions(shown)
    expect(commands.length).toBeGreaterThan(20)
    for (const one of commands)
      expect(`${one.page}: $ ${one.command}\n${comparableSession(one.printed)}`).toBe(
        `${one.page}: $ ${one.command}\n${comparableSession(one.shown)}`,
      )
  }, 180_000)
})
