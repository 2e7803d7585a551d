import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { agentSettingsSchema } from '../../src/settings/agent-settings.js'
import { strictnessOf } from '../../src/settings/compare-settings.js'
import { effectiveSettings } from '../../src/settings/effective-settings.js'
import { loadSettings, parseSettings } from '../../src/settings/load-settings.js'
import { settingAt, settingsTable } from '../../src/settings/settings-table.js'
import { approvalRulesOf } from '../../src/settings/uses/approval-rules-of.js'
import { limitsOfSettings } from '../../src/settings/uses/limits-of-settings.js'
import { toolRegistry } from '../../src/tools/tool-registry.js'

let folder: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-settings-')))
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

/** Settings as a text gives them. */
async function settingsOf(text: string) {
  return (await parseSettings(text, 'agent.yaml')).settings
}

describe('the table of settings', () => {
  test('says of every key what it does and what it is by default', () => {
    const table = settingsTable()
    const defaults = agentSettingsSchema.parse({})
    expect(table.length).toBeGreaterThan(100)
    expect(new Set(table.map(({ key }) => key)).size).toBe(table.length)
    for (const { key, does, default: byDefault } of table) {
      expect(does, key).not.toBe('')
      expect(settingAt(defaults, key), key).toEqual(byDefault)
    }
  })

  test('gives the documents’ defaults, and the safe one where they differ', async () => {
    const settings = await settingsOf('')
    expect(settings).toMatchObject({
      vessel_id: 'janus-in-balaur',
      operational_mode: 'alpha',
      auto_executor: { enabled: false, max_risk_level: 'low', resource_limits: { timeout_seconds: 600 } },
      thinking_cycle: { enable_autonomous_proposals: false, max_proposals_per_cycle: 3 },
      approval_workflow: { approval_timeout_hours: 24, auto_reject_on_timeout: false },
      watchdog: { cpu_threshold_percent: 90, memory_threshold_percent: 90, memory_threshold_mb: null },
      kill_switch: { emergency_stop_file: '/srv/janus/EMERGENCY_STOP', watchdog_violations_threshold: 3 },
    })
  })
})

describe('a configuration', () => {
  test.each([
    [
      'approval_workflow:\n  approval_timout_hours: 3',
      'agent.yaml:2:3: approval_workflow.approval_timout_hours is unknown; approval_timeout_hours?',
    ],
    ['operational_mode: gamma', 'agent.yaml:1:19: operational_mode: '],
    ['sandbox:\n  root: relative/path', 'agent.yaml:2:9: sandbox.root: must be an absolute path without ".."'],
    ['sandbox:\n  root: /srv/../etc', 'agent.yaml:2:9: sandbox.root: must be an absolute path without ".."'],
    [
      'thinking_cycle:\n  cycle_interval_seconds: 60\n  cycle_interval_hours: 2',
      'agent.yaml:3:3: thinking_cycle: cycle_interval_seconds says 60 seconds and cycle_interval_hours 7200; leave one out',
    ],
    ['tools:\n  - {name: rg, command: [rg]}\n  - {name: rg, command: [grep]}', 'tools: two are called "rg"'],
    ['vessel_id: a\nvessel_id: b', 'agent.yaml:2:1: a key is there twice'],
    ['a: &x [1]\nb: *x', 'anchors (&name) are not taken'],
    ['[1, 2]', 'the file: '],
    ['debug: {verbose_logging: yes please}', 'debug.verbose_logging: '],
    ['harness: {max_concurrency: 1e9}', 'harness.max_concurrency: '],
  ])('%j is refused, with the place', async (text, why) => {
    await expect(parseSettings(text, 'agent.yaml')).rejects.toMatchObject({
      code: 'JANUS_AGENT_CONFIG_INVALID',
      message: expect.stringContaining(why),
    })
  })

  test('one interval said in both units is one interval', async () => {
    const { thinking_cycle } = await settingsOf(
      'thinking_cycle: {cycle_interval_seconds: 7200, cycle_interval_hours: 2}',
    )
    expect(thinking_cycle).toMatchObject({ cycle_interval_seconds: 7200, cycle_interval_hours: 2 })
  })

  test('brackets without end are refused, not followed', async () => {
    await expect(parseSettings('['.repeat(100_000), 'agent.yaml')).rejects.toMatchObject({
      code: 'JANUS_AGENT_CONFIG_INVALID',
    })
  })

  test('any text is a configuration or a refusal with a code', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.string(), fc.json()), async (text) => {
        const outcome = await parseSettings(text, 'agent.yaml').catch((error: unknown) => error)
        if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'JANUS_AGENT_CONFIG_INVALID' })
      }),
      { numRuns: 200 },
    )
  })

  test('JSON is read as it is', async () => {
    const { settings } = await parseSettings('{"harness": {"max_concurrency": 4}}', 'agent.json')
    expect(settings.harness.max_concurrency).toBe(4)
    await expect(parseSettings('harness: {}', 'agent.json')).rejects.toMatchObject({
      code: 'JANUS_AGENT_CONFIG_INVALID',
    })
  })
})

describe('the file of a configuration', () => {
  test('is the one that was named, else the first that is there, else none', async () => {
    const [first, second] = [join(folder, 'etc.yaml'), join(folder, 'srv.yaml')]
    const paths = [first, second]
    expect(await loadSettings(undefined, { paths })).toMatchObject({ path: undefined })
    await writeFile(second, 'vessel_id: second', { mode: 0o600 })
    expect(await loadSettings(undefined, { paths })).toMatchObject({ path: second, settings: { vessel_id: 'second' } })
    await writeFile(first, 'vessel_id: first', { mode: 0o600 })
    expect(await loadSettings(undefined, { paths })).toMatchObject({ path: first, settings: { vessel_id: 'first' } })
    expect(await loadSettings(second, { paths })).toMatchObject({ path: second })
    await expect(loadSettings(join(folder, 'absent.yaml'))).rejects.toMatchObject({
      code: 'JANUS_AGENT_CONFIG_INVALID',
    })
  })

  test.each([
    ['others may write it', (file: string) => chmod(file, 0o666)],
    ['others may write its directory', () => chmod(folder, 0o777)],
    [
      'it is a link',
      async (file: string) => {
        await rm(file)
        await writeFile(`${file}.real`, '', { mode: 0o600 })
        await symlink(`${file}.real`, file)
      },
    ],
    [
      'it is a directory',
      async (file: string) => {
        await rm(file)
        await mkdir(file)
      },
    ],
  ])('is refused when %s', async (_why, spoil) => {
    const file = join(folder, 'agent.yaml')
    await writeFile(file, '', { mode: 0o600 })
    await spoil(file)
    await expect(loadSettings(file)).rejects.toMatchObject({ code: 'JANUS_STATE_UNSAFE' })
  })

  test('is refused when others may write its directory also where it is named from the working directory', async () => {
    const before = process.cwd()
    await writeFile(join(folder, 'agent.yaml'), '', { mode: 0o600 })
    process.chdir(folder)
    try {
      expect(await loadSettings('agent.yaml')).toMatchObject({ path: 'agent.yaml' })
      await chmod(folder, 0o777)
      await expect(loadSettings('agent.yaml')).rejects.toMatchObject({ code: 'JANUS_STATE_UNSAFE' })
    } finally {
      process.chdir(before)
    }
  })

  test('is refused when the file that was named is not there', async () => {
    const file = join(folder, 'absent.yaml')
    await expect(loadSettings(file)).rejects.toMatchObject({
      code: 'JANUS_AGENT_CONFIG_INVALID',
      message: `${file} is not there`,
    })
  })

  test('is refused when it is larger than a megabyte', async () => {
    const file = join(folder, 'agent.yaml')
    await writeFile(file, `#${'x'.repeat(1024 * 1024)}`, { mode: 0o600 })
    await expect(loadSettings(file)).rejects.toMatchObject({ code: 'JANUS_AGENT_CONFIG_INVALID' })
  })
})

describe('attack 29: a configuration that was tampered with', () => {
  const file = (text: string) => parseSettings(text, 'agent.yaml')
  const adoptedOf = async (text: string) => effectiveSettings(await file(text), {}, 'alpha').adopt

  test('every security setting is adopted at the first start, and nothing else', async () => {
    const adopted = await adoptedOf('')
    const security = settingsTable().filter(({ strict }) => strict !== undefined)
    expect(Object.keys(adopted).toSorted()).toEqual(security.map(({ key }) => key).toSorted())
    expect(security.length).toBeGreaterThan(30)
  })

  test.each([
    ['auto_executor: {enabled: true}', 'auto_executor.enabled', false],
    ['sandbox: {policy: {allow_network: true}}', 'sandbox.policy.allow_network', false],
    ['sandbox: {policy: {memory_limit_mb: 4096}}', 'sandbox.policy.memory_limit_mb', 2048],
    ['sandbox: {bubblewrap_path: /tmp/bwrap}', 'sandbox.bubblewrap_path', '/usr/bin/bwrap'],
    ['security: {minimum_review_days: 0}', 'security.minimum_review_days', 7],
    ['security: {network: {allowed_domains: [evil.example]}}', 'security.network.allowed_domains', []],
    ['kill_switch: {enabled: false}', 'kill_switch.enabled', true],
    ['approval_workflow: {approvers: [4242]}', 'approval_workflow.approvers', null],
    ['tools: [{name: sh, command: [sh]}]', 'tools', []],
    ['harness: {relief_enabled: false}', 'harness.relief_enabled', true],
  ])('%s changes nothing, and says so with its place', async (text, key, inForce) => {
    const { settings, diagnostics, adopt, rows } = effectiveSettings(await file(text), await adoptedOf(''), 'alpha')
    expect(settingAt(settings, key)).toEqual(inForce)
    expect(adopt).toEqual({})
    expect(rows.find((row) => row.key === key)).toMatchObject({ from: 'record', value: inForce })
    expect(diagnostics).toMatchObject([{ severity: 'warning', path: key }])
    expect(diagnostics[0]?.summary).toMatch(/^agent\.yaml:1:\d+: .* is looser than the .* on the record, and ignored$/)
  })

  test('what is stricter is in force at once, and cannot be taken back by the file', async () => {
    const before = await adoptedOf('auto_executor: {enabled: true}')
    const stricter = effectiveSettings(await file('auto_executor: {enabled: false}'), before, 'beta')
    expect(stricter.settings.auto_executor.enabled).toBe(false)
    expect(stricter.adopt).toEqual({ 'auto_executor.enabled': false })
    const back = effectiveSettings(
      await file('auto_executor: {enabled: true}'),
      { ...before, ...stricter.adopt },
      'beta',
    )
    expect(back.settings.auto_executor.enabled).toBe(false)
    expect(back.diagnostics).toMatchObject([{ path: 'auto_executor.enabled' }])
  })

  test('what an approved change made looser stays so, unless the file asks for less', async () => {
    const adopted = { ...(await adoptedOf('')), 'harness.max_concurrency': 8 }
    expect(effectiveSettings(await file(''), adopted, 'alpha')).toMatchObject({
      settings: { harness: { max_concurrency: 8 } },
      adopt: {},
      diagnostics: [],
    })
    expect(effectiveSettings(await file('harness: {max_concurrency: 4}'), adopted, 'alpha')).toMatchObject({
      settings: { harness: { max_concurrency: 4 } },
      adopt: { 'harness.max_concurrency': 4 },
    })
  })

  test('a setting that is none of security follows the file, and a change where the file says nothing', async () => {
    const adopted = { ...(await adoptedOf('')), 'llm.threads': 3 }
    expect(effectiveSettings(await file(''), adopted, 'alpha').settings.llm.threads).toBe(3)
    expect(effectiveSettings(await file('llm: {threads: 5}'), adopted, 'alpha').settings.llm.threads).toBe(5)
  })

  test('a mode above the one on the record changes nothing, and the way is named', async () => {
    const { diagnostics } = effectiveSettings(await file('operational_mode: omega'), await adoptedOf(''), 'alpha')
    expect(diagnostics).toMatchObject([
      { severity: 'info', path: 'operational_mode', remedy: expect.stringContaining('janus agent mode promote omega') },
    ])
  })

  test('no sequence of files makes a security setting looser than the record', () => {
    const kinds = ['lower', 'higher', 'false', 'true', 'fewer', 'more', 'none'] as const
    const value = fc.oneof(fc.integer(), fc.boolean(), fc.array(fc.constantFrom('a', 'b', 'c')), fc.constant(null))
    fc.assert(
      fc.property(fc.constantFrom(...kinds), value, value, (kind, one, other) => {
        const [there, back] = [strictnessOf(kind, one, other), strictnessOf(kind, other, one)]
        if (there === 'stricter') expect(back).toBe('looser')
        expect(there === 'same').toBe(back === 'same')
      }),
    )
  })
})

describe('an integration that is not built', () => {
  test.each(['comms_hub', 'oracle_trinity', 'cockpit_sync'])('%s says so when it is switched on', async (name) => {
    const loaded = await parseSettings(`integrations: {${name}: {enabled: true}}`, 'agent.yaml')
    const { diagnostics } = effectiveSettings(loaded, {}, 'alpha')
    expect(diagnostics).toMatchObject([{ severity: 'warning', summary: expect.stringContaining('is not built yet') }])
  })
})

describe('what settings come to', () => {
  test('the rules of approval follow approval_workflow', async () => {
    const rules = approvalRulesOf(
      await settingsOf(
        'approval_workflow: {enabled: false, approval_timeout_hours: 2, auto_reject_on_timeout: true, approvers: [7], quorum: {medium: 2, high: 3}, warrant_hours: 1, agent_uid: 998}',
      ),
      0,
    )
    expect(rules).toEqual({
      enabled: false,
      approvers: new Set([7]),
      quorum: { low: 1, medium: 2, high: 3 },
      timeoutSeconds: 7200,
      autoReject: true,
      warrantSeconds: 3600,
      agentUid: 998,
    })
  })

  test('a user of the agent’s own approves nothing of it, root is known to be somebody', async () => {
    expect(approvalRulesOf(await settingsOf(''), 998).agentUid).toBe(998)
    expect(approvalRulesOf(await settingsOf(''), 0).agentUid).toBeUndefined()
  })

  test('a run gets the least of all tiers in each dimension, and never more than the ceiling', async () => {
    const settings = await settingsOf(
      'sandbox: {policy: {cpu_quota_percent: 10000, memory_limit_mb: 1048576}}\nharness: {default_timeout_minutes: 60}',
    )
    expect(limitsOfSettings(settings, false)).toEqual({
      cpuSeconds: 300,
      wallSeconds: 600,
      memoryBytes: 4096 * 1024 * 1024,
      diskBytes: 1024 * 1024 * 1024,
      cpuPercent: 150,
      processes: 64,
    })
    expect(limitsOfSettings(settings, true)).toMatchObject({
      cpuPercent: 80,
      memoryBytes: 2048 * 1024 * 1024,
      diskBytes: 100 * 1024 * 1024,
    })
  })

  test('only allowed tools are tools, and only those with a network have one', async () => {
    const tools =
      'tools: [{name: rg, command: [rg]}, {name: curl, command: [curl], allow_network: true}, {name: own, command: [bash]}]'
    const all = toolRegistry(await settingsOf(`${tools}\nsandbox: {shell_path: /usr/bin/dash}`)).entries
    expect([...all.keys()]).toEqual(['rg', 'curl', 'own'])
    expect(all.get('rg')?.allow_network).toBe(false)
    expect(all.get('curl')?.allow_network).toBe(true)
    expect(all.get('own')?.command).toEqual(['/usr/bin/dash'])
    const some = toolRegistry(await settingsOf(`${tools}\nsecurity: {allowed_tools: [rg]}`)).entries
    expect([...some.keys()]).toEqual(['rg'])
  })
})
