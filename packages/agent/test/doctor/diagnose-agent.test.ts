import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMemoryHost, emptyDirectory, type TreeInput } from '@janus/core/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openConfiguredLocalAgent } from '../../src/configured/open-configured-agent.js'
import { diagnoseAgent } from '../../src/doctor/diagnose-agent.js'
import type { SandboxSelfTest } from '../../src/index.js'

const HOLDS: SandboxSelfTest = {
  holds: true,
  because: null,
  remedy: null,
  kernel: '6.1',
  bubblewrap: '0.8.0',
  enforced: [],
  probes: [],
}
const INSTALLED: TreeInput = { '/etc/systemd/system/janus-agent.service': '[Service]\n' }
const RUNNING: TreeInput = { ...INSTALLED, '/sys/fs/cgroup/system.slice/janus-agent.service': emptyDirectory() }

let folder: string
let config: string
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-doctor-test-')))
  config = join(folder, 'agent.yaml')
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('the check of the agent', () => {
  test('says nothing where there is no agent', async () => {
    const host = createMemoryHost({})
    const asked = { host, janus: join(folder, 'janus'), env: {}, uid: 0, selfTest: async () => HOLDS }
    expect(await diagnoseAgent(asked)).toEqual([])
  })

  test('says that it is not installed, and why it makes no proposals: the switch, the model, the tools', async () => {
    await configure()
    const found = await diagnose({})
    expect(found[0]).toMatchObject({ severity: 'info', remedy: 'janus agent install' })
    const obstacles = found.flatMap(({ data }) => data?.obstacle ?? [])
    expect(obstacles).toEqual(expect.arrayContaining(['no-model', 'no-tools', 'nothing-asked']))
    await configure('thinking_cycle: {enabled: false}')
    expect(await diagnose({})).toContainEqual(
      expect.objectContaining({ summary: 'no proposals are made: thinking_cycle.enabled is false' }),
    )
  })

  test('warns of views that are not written only where somebody configured an agent', async () => {
    const janus = join(folder, 'janus')
    const severities = async (tree: TreeInput, configured?: string) => {
      const host = createMemoryHost({ [join(janus, 'agent')]: emptyDirectory(), ...tree })
      const asked = { host, janus, env: {}, uid: 0, selfTest: async () => HOLDS }
      const found = await diagnoseAgent(configured === undefined ? asked : { ...asked, config: configured })
      return found.filter(({ summary }) => summary.startsWith('a view of the record')).map(({ severity }) => severity)
    }
    // Where /srv/janus is on this machine, nothing is to be said of it at all.
    expect(await severities({})).not.toContain('warning')
    await writeFile(config, `logging: {tool_log: ${join(folder, 'absent/tools')}}\n`, { mode: 0o600 })
    expect(await severities({}, config)).toContain('warning')
    await configure()
    expect(await severities({}, config)).toEqual([])
  })

  test('says that nsenter is missing where tools have a network, and only there', async () => {
    const missing = expect.objectContaining({ severity: 'error', code: 'JANUS_AGENT_NETWORK_UNAVAILABLE' })
    const tools = 'tools: [{name: curl, command: [/usr/bin/curl], allow_network: true}]'
    await configure(tools)
    expect(await diagnose({}, HOLDS, '')).not.toContainEqual(missing)
    await configure(`${tools}\nsecurity: {network: {allowed_domains: [example.org]}}`)
    expect(await diagnose({}, HOLDS, '')).toContainEqual(missing)
    expect(await diagnose({})).not.toContainEqual(missing)
  })

  test('says that it is installed and does not run', async () => {
    await configure()
    expect((await diagnose(INSTALLED))[0]).toMatchObject({
      severity: 'warning',
      summary: 'janus-agent.service is installed and does not run',
    })
  })

  test('says that it runs and does not answer, until it does', async () => {
    await configure()
    expect((await diagnose(RUNNING))[0]).toMatchObject({ severity: 'error', code: 'JANUS_AGENT_UNREACHABLE' })
    const agent = await openConfiguredLocalAgent({ stateDirectory: join(folder, 'state'), config, purpose: 'test' })
    await agent.serve()
    try {
      expect((await diagnose(RUNNING)).filter(({ code }) => code === 'JANUS_AGENT_UNREACHABLE')).toEqual([])
    } finally {
      await agent.close()
    }
  })

  test.each([
    ['the configured file, a link to nowhere too', 'STOP'],
    ['the file in the state directory', 'state/EMERGENCY_STOP'],
  ])('says first that it is stopped: %s', async (_, name) => {
    await configure()
    await mkdir(join(folder, 'state'), { recursive: true })
    await symlink('/nowhere', join(folder, name))
    const [first] = await diagnose(INSTALLED)
    expect(first?.summary).toBe(`the agent is stopped: ${join(folder, name)} is there`)
  })

  test('says what keeps the sandbox from holding', async () => {
    await configure()
    const because = 'bwrap: setting up uid map: Permission denied'
    const [first] = await diagnose({}, { ...HOLDS, holds: false, because, remedy: 'Load the profile.' })
    expect(first).toMatchObject({
      severity: 'error',
      code: 'JANUS_SANDBOX_UNAVAILABLE',
      summary: expect.stringContaining(because),
      remedy: 'Load the profile.',
    })
  })

  test('refuses a configuration that cannot be used, as every command does', async () => {
    await configure('nonsense: 1')
    await expect(diagnose({})).rejects.toMatchObject({ code: 'JANUS_AGENT_CONFIG_INVALID' })
  })

  test('leaves nothing behind', async () => {
    await configure()
    await diagnose({})
    await expect(rm(join(folder, 'state'), { recursive: true })).rejects.toMatchObject({ code: 'ENOENT' })
  })

  function diagnose(tree: TreeInput, selfTest = HOLDS, nsenter: string | undefined = '/usr/bin/nsenter') {
    const host = createMemoryHost(tree, { kind: 'live', description: 'the test machine' })
    const janus = join(folder, 'janus')
    return diagnoseAgent({
      host,
      janus,
      env: {},
      uid: 0,
      config,
      selfTest: async () => selfTest,
      nsenter: () => nsenter || undefined,
    })
  }

  async function configure(more = ''): Promise<void> {
    const views = ['mission_log', 'tool_log', 'proposals_log', 'approval_queue', 'agent_log']
    const text = [
      `state_directory: ${join(folder, 'state')}`,
      `logging: {${views.map((name) => `${name}: ${join(folder, name)}`).join(', ')}}`,
      `kill_switch: {emergency_stop_file: ${join(folder, 'STOP')}}`,
      more,
    ]
    await writeFile(config, `${text.join('\n')}\n`, { mode: 0o600 })
  }
})
