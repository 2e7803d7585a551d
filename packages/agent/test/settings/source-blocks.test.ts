import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { agentSettingsSchema } from '../../src/settings/agent-settings.js'
import { parseSettings } from '../../src/settings/load-settings.js'
import { settingAt, settingsTable } from '../../src/settings/settings-table.js'

const FOLDER = new URL('../fixtures/source/', import.meta.url)
const blocks = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'))

describe('a block of the documents', () => {
  test('there are all of them', () => {
    expect(blocks.length).toBe(18)
  })

  test.each(blocks)('%s loads as it stands, as a whole configuration', async (name) => {
    const loaded = await parseSettings(readFileSync(new URL(name, FOLDER), 'utf8'), name)
    expect(loaded.given.size).toBeGreaterThan(0)
    const defaults = agentSettingsSchema.parse({})
    for (const { key } of settingsTable()) {
      if (!loaded.given.has(key)) expect(settingAt(loaded.settings, key)).toEqual(settingAt(defaults, key))
    }
  })
})
