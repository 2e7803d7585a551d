import { readdirSync, readFileSync } from 'node:fs'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { agentSettingsSchema } from '../../src/settings/agent-settings.js'
import { loadSettings, parseSettings } from '../../src/settings/load-settings.js'
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

describe('the sandbox policy of the documents', () => {
  const policy = readFileSync(new URL('4-line-592.json', FOLDER), 'utf8')
  let folder: string

  beforeEach(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-policy-')))
    await writeFile(join(folder, 'policy.json'), policy)
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))

  test.each(['agent.yaml', 'no configuration'])('loads as it stands, beside %s', async (name) => {
    const path = join(folder, 'agent.yaml')
    if (name === 'agent.yaml') await writeFile(path, 'vessel_id: balaur\nsandbox: {policy: {preserved_env: [PATH]}}\n')
    const { settings, given } = await loadSettings(undefined, { paths: [path] })
    expect(settings.sandbox.policy).toMatchObject(JSON.parse(policy))
    expect(settings.sandbox.policy.preserved_env).toEqual(name === 'agent.yaml' ? ['PATH'] : ['PATH', 'LANG', 'LC_ALL'])
    expect(given.get('sandbox.policy.memory_limit_mb')).toBe(`${join(folder, 'policy.json')}:3:22`)
  })

  test('contradicts no configuration that says the same: one of them is one too many', async () => {
    const path = join(folder, 'agent.yaml')
    await writeFile(path, 'sandbox:\n  policy:\n    memory_limit_mb: 4096\n')
    await expect(loadSettings(path)).rejects.toMatchObject({
      code: 'JANUS_AGENT_CONFIG_INVALID',
      message: `${path}:3:22: sandbox.policy.memory_limit_mb is given here and in ${join(folder, 'policy.json')}:3:22; leave one out`,
    })
  })

  test.each([
    ['{"memory_limt_mb": 4096}', '1:2: sandbox.policy.memory_limt_mb is unknown; memory_limit_mb?'],
    ['{"memory_limit_mb": "much"}', '1:21: sandbox.policy.memory_limit_mb: '],
    ['{"memory_limit_mb": 1, "memory_limit_mb": 2}', ''],
    ['[1]', ''],
  ])('is refused with its place: %s', async (text, message) => {
    const path = join(folder, 'policy.json')
    await writeFile(path, text)
    await expect(loadSettings(undefined, { paths: [join(folder, 'agent.yaml')] })).rejects.toMatchObject({
      code: 'JANUS_AGENT_CONFIG_INVALID',
      message: expect.stringContaining(`${path}:${message}`),
    })
  })
})
