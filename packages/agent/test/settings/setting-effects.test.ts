import * as z from '@janus/core/zod'
import { describe, expect, test } from 'vitest'
import { settingsTable, toolRegistry, watchRulesOf } from '../../src/index.js'
import { toolSettingSchema } from '../../src/settings/sections/execution.js'
import { sandboxPolicyOf } from '../../src/settings/uses/sandbox-policy-of.js'
import { resolveTool } from '../../src/warrant/resolve-tool.js'
import { approvalEffects } from './effects/approval-effects.js'
import { controlEffects } from './effects/control-effects.js'
import { executionEffects } from './effects/execution-effects.js'
import { identityEffects } from './effects/identity-effects.js'
import { type SettingEffects, settingsWith } from './effects/setting-effect.js'
import { thinkingEffects } from './effects/thinking-effects.js'

const EFFECTS: SettingEffects = {
  ...identityEffects,
  ...executionEffects,
  ...thinkingEffects,
  ...approvalEffects,
  ...controlEffects,
}

describe('no key of the configuration is decoration', () => {
  test('of every key of the schema it is said here what it changes, and of nothing else', () => {
    expect(Object.keys(EFFECTS).toSorted()).toEqual(
      settingsTable()
        .map(({ key }) => key)
        .toSorted(),
    )
  })

  test.each(settingsTable().map(({ key }) => key))('%s changes what is used', async (key) => {
    const effect = EFFECTS[key]
    if (effect === undefined) return expect.unreachable(`nothing is said of ${key}`)
    const before = await effect.use(await settingsWith(effect.beside))
    const after = await effect.use(await settingsWith({ ...effect.beside, [key]: effect.value }))
    expect(after).toEqual(effect.becomes)
    expect(before).not.toEqual(effect.becomes)
  })
})

describe('no key of a tool is decoration', () => {
  // Its own command and a package exclude each other; see tool-registry.test.ts.
  const members = Object.keys(z.toJSONSchema(toolSettingSchema, { io: 'input' }).properties ?? {}).filter(
    (name) => name !== 'package',
  )
  const plain = { name: 'list', command: ['/bin/ls'] }
  const changes: Readonly<Record<string, unknown>> = {
    name: 'other',
    command: ['/bin/ls', '-l'],
    allow_network: true,
    working_directory: '/a',
    environment: { COLUMNS: '80' },
    description: 'lists a directory',
    side_effects: 'none',
    writes: false,
    idempotent: true,
    reversible: true,
    interpreter: true,
    arguments: { options: [{ names: ['-l'] }], positionals: [], separator: true },
    probe: ['/bin/true'],
  }

  test('of every key of its schema a change is tried here', () => {
    expect(members.toSorted()).toEqual(Object.keys(changes).toSorted())
  })

  test.each(members)(
    'a tool with another %s is another tool: what was approved with it before is stale',
    async (key) => {
      const manifest = async (tool: Readonly<Record<string, unknown>>) => {
        const [entry] = toolRegistry(await settingsWith({ tools: [tool as never] })).entries.values()
        const action = { kind: 'tool', tool: 'list', args: [], kwargs: {}, network: [] } as const
        const limits = { cpuSeconds: 1, wallSeconds: 1, memoryBytes: 1, diskBytes: 1, cpuPercent: 1, processes: 1 }
        const resolved = await resolveTool(action, {
          tool: () => entry,
          proposal: 'janus-000000000000',
          preservedEnvironment: [],
          allowedDomains: [],
          limits,
        })
        return resolved.manifest
      }
      expect(await manifest({ ...plain, [key]: changes[key] })).not.toBe(await manifest(plain))
    },
  )
})

describe('what settings come to', () => {
  test.each([
    [0, false],
    [998, true],
  ])(
    'as the user %j, what no person approved never goes without a sandbox, and nothing of root does',
    async (ownUid, may) => {
      const settings = await settingsWith({ 'sandbox.allow_unsandboxed_dev': true })
      expect(sandboxPolicyOf(settings, { ownUid, automatic: true }).mayBeMissing).toBe(false)
      expect(sandboxPolicyOf(settings, { ownUid, automatic: false }).mayBeMissing).toBe(may)
    },
  )

  test('a threshold of memory in MiB that the host does not have leaves the one in percent in force', async () => {
    const settings = await settingsWith({ 'watchdog.memory_threshold_mb': 28_000 })
    expect(watchRulesOf(settings, 8_000_000_000).mostMemoryBytes).toBe(7_200_000_000)
    expect(watchRulesOf(settings, 64_000_000_000).mostMemoryBytes).toBe(28_000 * 1024 * 1024)
  })
})
