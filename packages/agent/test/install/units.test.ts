import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { AGENT_LEFT_OUT, agentUnit, controlsUnit, type UnitPaths } from '../../src/index.js'
import { unitCommand, unitWord } from '../../src/install/units/unit-file.js'
import { settingsWith } from '../settings/effects/setting-effect.js'

const GIB = 1024 ** 3
const paths: UnitPaths = {
  program: '/bin/true',
  config: '/etc/janus/agent.yaml',
  stateDirectory: '/srv/janus/state',
  user: 'root',
  group: 'root',
  home: '/srv/janus',
  writes: ['/srv/janus', '/var/log/janus'],
  totalBytes: 64 * GIB,
  addresses: [],
}
/** As it is installed; systemd-analyze wants users that are there. */
const asJanus: UnitPaths = { ...paths, program: '/usr/bin/janus', user: 'janus', group: 'janus' }

describe('the units', () => {
  test('are these, with what the settings are by default', async () => {
    const settings = await settingsWith({})
    await expect(agentUnit(settings, asJanus)).toMatchFileSnapshot('golden/janus-agent.service')
    await expect(controlsUnit(settings, asJanus)).toMatchFileSnapshot('golden/janus-controls.service')
  })

  test('of root are bounded and not hardened: what a person approved of a module may change anything', async () => {
    const unit = agentUnit(await settingsWith({}), paths)
    expect(unit).toContain('MemoryMax=28672M')
    expect(unit).not.toContain('ProtectSystem')
  })

  test('follow the settings', async () => {
    const unit = async (keys: Parameters<typeof settingsWith>[0], other: Partial<UnitPaths> = {}) =>
      agentUnit(await settingsWith(keys), { ...asJanus, ...other })
    expect(await unit({ 'watchdog.restart_on_failure': false })).toContain('Restart=no')
    expect(await unit({ 'harness.max_concurrency': 8 })).toContain('TasksMax=584')
    expect(await unit({ 'kill_switch.emergency_stop_file': '/srv/a 50%/STOP' })).toContain(
      'AssertPathExists=!/srv/a 50%%/STOP\n',
    )
    expect(await unit({}, { totalBytes: 8 * GIB })).toContain('MemoryMax=7372M')
    expect(await unit({}, { addresses: ['172.16.15.0/24'] })).toContain('IPAddressAllow=localhost 172.16.15.0/24')
    const online = await unit({ 'security.network.allowed_domains': ['example.org'] })
    expect(online).not.toContain('IPAddressDeny')
    expect(await unit({ 'llm.base_url': 'http://127.0.0.1:8080/v1' })).toContain('IPAddressDeny')
    expect(await unit({ 'llm.base_url': 'https://models.example.org/v1' })).not.toContain('IPAddressDeny')
  })

  test('have nothing that the table says breaks the sandbox', async () => {
    const unit = agentUnit(await settingsWith({}), asJanus)
    for (const { directive } of AGENT_LEFT_OUT) expect(unit).not.toContain(`\n${directive}=`)
  })
})

describe('systemd itself', () => {
  const folders: string[] = []
  afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))))

  test.each([
    ['root', 'root'],
    ['nobody', 'nogroup'],
  ])('finds nothing wrong with the units of %s', async (user, group) => {
    const settings = await settingsWith({})
    const given = { ...paths, user, group }
    expect(await verify({ agent: agentUnit(settings, given), controls: controlsUnit(settings, given) })).toBe('')
  })

  test('would say what is wrong: the names of the documents are not all its own', async () => {
    const settings = await settingsWith({})
    const agent = agentUnit(settings, paths).replace('[Service]\n', '[Service]\nMemoryLimits=24G\n')
    expect(await verify({ agent, controls: controlsUnit(settings, paths) })).toContain('MemoryLimits')
  })

  async function verify({ agent, controls }: { readonly agent: string; readonly controls: string }): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'janus-units-'))
    folders.push(folder)
    await writeFile(join(folder, 'janus-agent.service'), agent)
    await writeFile(join(folder, 'janus-controls.service'), controls)
    const units = ['janus-controls.service', 'janus-agent.service'].map((name) => join(folder, name))
    const args = ['verify', '--man=no', '--recursive-errors=no', ...units]
    const env = { ...process.env, SYSTEMD_UNIT_PATH: `${folder}:`, SYSTEMD_LOG_LEVEL: 'warning' }
    return promisify(execFile)('systemd-analyze', args, { env }).then(
      ({ stdout, stderr }) => stdout + stderr,
      (error: { readonly stdout?: string; readonly stderr?: string }) =>
        `${error.stdout}${error.stderr}` || 'it failed',
    )
  }
})

describe('a word of a unit', () => {
  test('is one word again when systemd reads it, whatever is in it', () => {
    const text = fc.string({ unit: 'grapheme', minLength: 1 }).filter((value) => !/\p{Cc}|\\$/u.test(value))
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), (words) => {
        expect(split(unitCommand(words))).toEqual(words)
      }),
    )
  })

  test('is refused when no unit can hold it', () => {
    for (const text of ['a\nExecStart=/bin/sh', 'a\0', 'a\u0085']) {
      expect(() => unitWord(text)).toThrow(expect.objectContaining({ code: 'JANUS_AGENT_CONFIG_INVALID' }))
    }
  })
})

/** As systemd.service(5) says that a command line is split: quotes, escapes, doubled dollar and percent signs. */
function split(line: string): readonly string[] {
  const words: string[] = []
  let rest = line
  while (rest !== '') {
    const quoted = /^"((?:[^"\\]|\\.)*)"(?: |$)/u.exec(rest)
    const plain = /^([^ "]+)(?: |$)/u.exec(rest)
    const [all, inner] = quoted ?? plain ?? ['', undefined]
    if (inner === undefined) throw new Error(`not a word: ${rest}`)
    const raw = quoted === null ? inner : inner.replace(/\\(.)/gu, '$1')
    if (/(?<!%)(%%)*%(?!%)|(?<!\$)(\$\$)*\$(?!\$)/u.test(raw)) throw new Error(`a specifier or a variable: ${raw}`)
    words.push(raw.replaceAll('%%', '%').replaceAll('$$', '$'))
    rest = rest.slice(all.length)
  }
  return words
}
