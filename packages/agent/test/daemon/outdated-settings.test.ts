import { expect, test } from 'vitest'
import { outdatedSettings } from '../../src/daemon/outdated-settings.js'
import { type AgentSettings, parseSettings } from '../../src/index.js'
import { executorTools } from '../../src/tools/executor-tools.js'
import { toolEntry } from '../support/tool-entry.js'

const settingsOf = async (text: string): Promise<AgentSettings> => (await parseSettings(text, 'agent.yaml')).settings

test.each([
  ['sandbox: {policy: {allow_network: true}}', true],
  ['security: {network: {allowed_domains: [example.org]}}', true],
  ['harness: {max_concurrency: 1}', false],
])('nothing is started in a sandbox that is not made as an approved change says: %s', async (text, outdated) => {
  const made = await settingsOf('')
  const because = outdatedSettings(made)
  expect(because(await settingsOf(''))).toBeUndefined()
  expect(because(await settingsOf(text)) !== undefined).toBe(outdated)
  expect(because(made)).toBeUndefined()
})

test('an executor is told of the tools as they are when it asks', () => {
  let entries = new Map([['count', { ...toolEntry('count', ['/usr/bin/wc']), working_directory: '/workspace/one' }]])
  const tools = executorTools({
    get entries() {
      return entries
    },
  })
  expect(tools.entry('count')?.working_directory).toBe('/workspace/one')
  entries = new Map()
  expect(tools.entry('count')).toBeUndefined()
  expect(tools.manifest('count')).toBeUndefined()
})
