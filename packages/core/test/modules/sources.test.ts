import { chmodSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ModuleSource } from '../../src/contract/janus.js'
import { discoverModules } from '../../src/modules/discover.js'
import type { DiscoveredModule } from '../../src/modules/discovered-module.js'
import { folderOf, packageIn, registryOfSources, userIn } from './package-tree.js'

const BASH = `JANUS_MODULE_TYPE="cpu"
JANUS_MODULE_ID="governor"
JANUS_MODULE_VERSION="0.1.0"
JANUS_MODULE_COMPAT_API="1"
`
const THROWING = 'throw new Error("imported")'

function summary({ id, standing, isolation, trusted, diagnostics }: DiscoveredModule): string {
  const codes = diagnostics.map(({ severity, code }) => ` ${severity} ${code}`).join('')
  return `${id} ${standing} ${isolation} ${trusted}${codes}`
}

async function found(sources: readonly ModuleSource[], user = userIn()): Promise<readonly string[]> {
  return (await discoverModules(sources, user)).map(summary)
}

describe('what a user names for one run', () => {
  const root = () =>
    folderOf({
      'app/package.json': { name: 'app' },
      ...packageIn('app/node_modules/janus-module-fans', { id: 'fans', code: THROWING }),
      ...packageIn('lights', { id: 'lights', code: THROWING }),
      'tree/modules/cpu/governor.sh': BASH,
      'tree/modules/cpu/other.sh': BASH.replace('governor', 'other'),
      'loose/beep.mjs': THROWING,
      'loose/Beep.js': THROWING,
      'loose/fan_speed.py': '#!/usr/bin/env python3\n',
      'plain/package.json': { name: 'plain', version: '1.0.0' },
      'empty/readme.txt': '',
    })

  it.each([
    ['a package', 'janus-module-fans', 'fans enabled sandbox false'],
    ['a directory', '../lights', 'lights enabled sandbox false'],
    ['a package.json', '../lights/package.json', 'lights enabled sandbox false'],
    ['an entry of a package', '../lights/module.js', 'lights enabled sandbox false'],
    ['a file of bash in a tree', '../tree/modules/cpu/governor.sh', 'governor enabled sandbox false'],
    ['a JavaScript file', '../loose/beep.mjs', 'beep enabled sandbox false'],
    ['a program', '../loose/fan_speed.py', 'fan-speed enabled sandbox false'],
  ])('may be %s, which is kept in the sandbox and not imported', async (_, name, expected) => {
    expect(await found([{ kind: 'named', name, from: join(root(), 'app') }])).toEqual([expected])
  })

  it('may be a tree, all of which is named', async () => {
    expect(await found([{ kind: 'named', name: '../tree', from: join(root(), 'app') }])).toEqual([
      'governor enabled sandbox false',
      'other enabled sandbox false',
    ])
  })

  it.each([
    ['janus-module-gone', 'JANUS_MODULE_NOT_FOUND'],
    ['../gone', 'JANUS_FILE_INVALID'],
    ['../plain', 'JANUS_MODULE_MANIFEST_INVALID'],
    ['../empty', 'JANUS_FILE_INVALID'],
    ['../loose/Beep.js', 'JANUS_MODULE_SHAPE_INVALID'],
  ])('gives a failed row when it is none: %s', async (name, code) => {
    const registry = registryOfSources([{ kind: 'named', name, from: join(root(), 'app') }])
    expect(await registry.rows()).toMatchObject([{ status: 'failed', diagnostics: [{ code }] }])
  })

  it('may say how far it is kept away', async () => {
    const from = root()
    const named = (isolation: 'in-process' | 'subprocess') =>
      found([{ kind: 'named', name: './lights', from, isolation }])
    expect(await named('in-process')).toEqual(['lights enabled in-process true'])
    expect(await named('subprocess')).toEqual(['lights enabled subprocess false'])
    expect(await found([{ kind: 'named', name: './loose/fan_speed.py', from, isolation: 'in-process' }])).toEqual([
      'fan-speed enabled sandbox true',
    ])
  })

  it('tells its type and version once it is loaded, when nothing else could', async () => {
    const code = (await import('./package-tree.js')).moduleText({ id: 'beep', version: '3.2.1' })
    const folder = folderOf({ 'beep.mjs': `export default ${code}` })
    const registry = registryOfSources([{ kind: 'named', name: './beep.mjs', from: folder, isolation: 'in-process' }])
    expect(await registry.rows()).toMatchObject([{ type: 'unknown', version: 'unknown' }])
    await registry.load('beep')
    expect(await registry.rows()).toMatchObject([{ type: 'host', version: '3.2.1', status: 'ready' }])
  })
})

describe('the project that somebody stands in', () => {
  const project = (config?: object) =>
    folderOf({
      'package.json': { name: 'app', dependencies: { 'janus-module-fans': '1' }, devDependencies: { plain: '1' } },
      ...packageIn('node_modules/janus-module-fans', { id: 'fans', code: THROWING }),
      'node_modules/plain/package.json': { name: 'plain' },
      'modules/cpu/governor.sh': BASH,
      'src/deep/file.txt': '',
      ...(config === undefined ? {} : { 'janus.config.json': config }),
    })

  it('offers what it depends on and its tree, from any folder in it, and nothing of it is loaded', async () => {
    const directory = join(project(), 'src/deep')
    expect(await found([{ kind: 'project', directory }])).toEqual([
      'fans available sandbox false',
      'governor available sandbox false',
    ])
    const registry = registryOfSources([{ kind: 'project', directory }])
    expect(await registry.loadAll()).toEqual({ modules: [], diagnostics: [] })
    expect(await registry.rows()).toMatchObject([{ status: 'available' }, { status: 'available' }])
    await expect(registry.load('fans')).rejects.toMatchObject({
      code: 'JANUS_MODULE_NOT_ENABLED',
      remedy: expect.stringContaining('--module janus-module-fans'),
    })
  })

  it('enables what its configuration names, in the sandbox whatever that asks for', async () => {
    const modules = [{ module: 'janus-module-fans', isolation: 'in-process' }, './modules/cpu/governor.sh']
    const directory = project({ schema: 'janus.config/1', modules })
    expect(await found([{ kind: 'project', directory }])).toEqual([
      'fans enabled sandbox false warning JANUS_MODULE_UNTRUSTED',
      'governor enabled sandbox false',
    ])
    const registry = registryOfSources([{ kind: 'project', directory }])
    expect((await registry.rows()).map(({ status }) => status)).toEqual(['enabled', 'enabled'])
  })

  it('enables nothing for root, who has to name it', async () => {
    const directory = project({ schema: 'janus.config/1', modules: ['janus-module-fans'] })
    const root = userIn('/nowhere', 0)
    expect(await found([{ kind: 'project', directory }], root)).toEqual([
      'fans available sandbox false',
      'governor available sandbox false',
    ])
    const named = { kind: 'named', name: 'janus-module-fans', from: directory } as const
    expect(await found([{ kind: 'project', directory }, named], root)).toContain('fans enabled sandbox false')
  })

  it('gives a failed row for a malformed configuration, naming file and field', async () => {
    const directory = project({ schema: 'janus.config/1', modules: [{ module: './x', isolated: true }] })
    const [row] = await registryOfSources([{ kind: 'project', directory }]).rows()
    expect(row).toMatchObject({ id: 'janus.config.json', status: 'failed' })
    expect(row?.diagnostics[0]).toMatchObject({ code: 'JANUS_CONFIG_INVALID' })
    expect(row?.diagnostics[0]?.summary).toContain(`${directory}/janus.config.json: modules[0]`)
    expect(row?.diagnostics[0]?.summary).toContain('isolated')
  })

  it('says what to do when it is one of Plug and Play', async () => {
    const folder = folderOf({ 'package.json': { name: 'app', dependencies: { a: '1' } }, '.pnp.cjs': '' })
    expect(await registryOfSources([{ kind: 'project', directory: folder }]).rows()).toMatchObject([
      { status: 'failed', diagnostics: [{ code: 'JANUS_PNP_UNSUPPORTED' }] },
    ])
  })

  it('is none where there is neither package nor configuration', async () => {
    expect(await found([{ kind: 'project', directory: folderOf({ 'readme.txt': '' }) }])).toEqual([])
  })
})

describe('the configuration of a user', () => {
  it('names modules by package and by path relative to itself, as the word of the user', async () => {
    const home = folderOf({
      '.config/janus/config.json': {
        schema: 'janus.config/1',
        modules: ['./mine', { module: '../../lights', isolation: 'in-process' }, 'janus-module-fans'],
      },
      ...packageIn('.config/janus/mine', { id: 'mine' }),
      ...packageIn('lights', { id: 'lights' }),
      '.local/share/janus/extensions/package.json': { private: true, dependencies: { 'janus-module-fans': '1' } },
      ...packageIn('.local/share/janus/extensions/node_modules/janus-module-fans', { id: 'fans' }),
    })
    expect(await found([{ kind: 'config' }, { kind: 'extensions' }], userIn(home))).toEqual([
      'mine enabled sandbox false',
      'lights enabled in-process true',
      'fans enabled sandbox false',
    ])
  })

  it('is that of nobody when there is none', async () => {
    expect(await found([{ kind: 'config' }], userIn(folderOf({ 'readme.txt': '' })))).toEqual([])
  })
})

describe('modules that several sources lead to', () => {
  it('are one row, as strong as the strongest of them', async () => {
    const root = folderOf({
      'cli/package.json': { name: 'cli', dependencies: { 'janus-module-fans': '1' } },
      'package.json': { name: 'app', dependencies: { 'janus-module-fans': '1' } },
      ...packageIn('node_modules/janus-module-fans', { id: 'fans' }),
    })
    const project = { kind: 'project', directory: root } as const
    const named = { kind: 'named', name: 'janus-module-fans', from: root } as const
    const own = { kind: 'dependencies-of', packageJson: join(root, 'cli/package.json') } as const
    expect(await found([project])).toEqual(['fans available sandbox false'])
    expect(await found([project, named])).toEqual(['fans enabled sandbox false'])
    expect(await found([project, named, own])).toEqual(['fans enabled in-process true'])
  })

  it('are not one because a package says that its code is that of another', async () => {
    const manifest = { api: 1, modules: [{ id: 'fans', type: 'host', entry: '../../brought/module.js' }] }
    const root = folderOf({
      'cli/package.json': { name: 'cli', dependencies: { fans: '1' } },
      ...packageIn('brought', { id: 'fans', name: 'fans' }),
      ...packageIn('strange/package', { name: 'strange', manifest }),
    })
    mkdirSync(join(root, 'cli/node_modules'))
    symlinkSync('../../brought', join(root, 'cli/node_modules/fans'))
    const strange = { kind: 'named', name: './strange/package', from: root } as const
    const own = { kind: 'dependencies-of', packageJson: join(root, 'cli/package.json') } as const
    expect(await found([strange, own])).toEqual(['fans enabled sandbox false', 'fans enabled in-process true'])
  })

  it('of one name block each other only when both are enabled', async () => {
    const root = folderOf({
      'package.json': { name: 'app', dependencies: { one: '1' } },
      ...packageIn('node_modules/one', { id: 'fans', name: 'one' }),
      ...packageIn('two', { id: 'fans', name: 'two' }),
    })
    const project = { kind: 'project', directory: root } as const
    const two = { kind: 'named', name: './two', from: root } as const
    const statuses = async (...sources: ModuleSource[]) =>
      (await registryOfSources(sources).rows()).map(({ source, status }) => `${source} ${status}`)
    expect(await statuses(project, two)).toEqual(['one available', 'two enabled'])
    expect(await statuses(project, two, { kind: 'named', name: 'one', from: root })).toEqual([
      'one blocked',
      'two blocked',
    ])
  })
})

describe('run as root', () => {
  const root = userIn('/nowhere', 0)
  const rootUnder = (owner: number) => ({ ...root, owner })
  const isRoot = process.getuid?.() === 0
  const owner = isRoot ? 0 : (process.getuid?.() ?? 0)

  it('what others may write is blocked, with the way to mend it: a file, a folder, a parent', async () => {
    for (const unsafe of ['lights/module.js', 'lights', '.']) {
      const folder = folderOf(packageIn('lights', { id: 'lights' }))
      chmodSync(join(folder, unsafe), 0o777)
      const registry = registryOfSources([{ kind: 'named', name: './lights', from: folder }], rootUnder(owner))
      const [row] = await registry.rows()
      expect(row).toMatchObject({ status: 'blocked', trusted: false })
      expect(row?.diagnostics[0]).toMatchObject({ code: 'JANUS_MODULE_PATH_UNSAFE' })
      expect(row?.diagnostics[0]?.remedy).toContain(join(folder, unsafe))
      await expect(registry.load('lights')).rejects.toMatchObject({ code: 'JANUS_MODULE_PATH_UNSAFE' })
    }
  })

  it('the way to mend it is one command, whatever a file of the package is called', async () => {
    const name = 'lights/$(touch pasted); id'
    const folder = folderOf({ ...packageIn('lights', { id: 'lights' }), [name]: '' })
    chmodSync(join(folder, name), 0o666)
    const [row] = await registryOfSources([{ kind: 'named', name: './lights', from: folder }], rootUnder(owner)).rows()
    expect(row?.diagnostics[0]?.remedy).toBe(`Correct the mode: chmod go-w '${join(folder, name)}'`)
  })

  it('what a tree shares counts with each of its modules', async () => {
    const folder = folderOf({ 'modules/cpu/governor.sh': BASH, 'lib/janus-log.sh': '' })
    const sources = [{ kind: 'named', name: './modules/cpu/governor.sh', from: folder }] as const
    expect(await found(sources, rootUnder(owner))).toEqual(['governor enabled sandbox false'])
    chmodSync(join(folder, 'lib/janus-log.sh'), 0o666)
    expect(await found(sources, rootUnder(owner))).toEqual([
      'governor enabled sandbox false error JANUS_MODULE_PATH_UNSAFE',
    ])
  })

  it('what runs with all rights is looked at with everything that may run with it', async () => {
    const files = {
      ...packageIn('app/lights', { id: 'lights', fields: { dependencies: { hoisted: '1' } } }),
      'app/lights/node_modules/bundled/index.js': '1',
      'app/lights/lib/node_modules/deep/index.js': '1',
      'app/node_modules/hoisted/package.json': { name: 'hoisted' },
      'node_modules/far/index.js': '1',
      'loose/beep.js': 'throw new Error("imported")',
      'loose/helper.js': '1',
    }
    const rows = (folder: string, name: string, isolation: 'in-process' | 'subprocess' | 'sandbox') =>
      found([{ kind: 'named', name, from: folder, isolation }], rootUnder(owner))
    const whole = folderOf(files)
    expect(await rows(whole, './app/lights', 'in-process')).toEqual(['lights enabled in-process true'])
    expect(await rows(whole, './loose/beep.js', 'in-process')).toEqual(['beep enabled in-process true'])
    for (const [name, unsafe] of [
      ['./app/lights', 'app/lights/node_modules'],
      ['./app/lights', 'app/lights/node_modules/bundled/index.js'],
      ['./app/lights', 'app/lights/lib/node_modules'],
      ['./app/lights', 'app/node_modules'],
      ['./app/lights', 'app/node_modules/hoisted/package.json'],
      ['./app/lights', 'node_modules'],
      ['./loose/beep.js', 'loose/helper.js'],
    ] as const) {
      const folder = folderOf(files)
      chmodSync(join(folder, unsafe), 0o777)
      for (const isolation of ['in-process', 'subprocess'] as const) {
        const [row] = await rows(folder, name, isolation)
        expect(row, unsafe).toMatch(/ error JANUS_MODULE_PATH_UNSAFE$/)
      }
      expect((await rows(folder, name, 'sandbox'))[0], unsafe).toMatch(/ enabled sandbox false$/)
    }
    const linked = folderOf(files)
    symlinkSync('../../loose/helper.js', join(linked, 'app/lights/link.js'))
    expect(await rows(linked, './app/lights', 'in-process')).toEqual([
      'lights enabled in-process false error JANUS_MODULE_INTEGRITY',
    ])
  })

  it('what only root and the one who called sudo may write is taken', async () => {
    const folder = folderOf(packageIn('lights', { id: 'lights' }))
    expect(await found([{ kind: 'named', name: './lights', from: folder }], rootUnder(owner))).toEqual([
      'lights enabled sandbox false',
    ])
  })

  it.runIf(isRoot)('what belongs to somebody else is blocked, unless that is who called sudo', async () => {
    const { chownSync } = await import('node:fs')
    const folder = folderOf(packageIn('lights', { id: 'lights' }))
    for (const path of [folder, 'lights', 'lights/module.js', 'lights/package.json'])
      chownSync(path === folder ? folder : join(folder, path), 4_321, 4_321)
    const named = { kind: 'named', name: './lights', from: folder } as const
    expect(await found([named], rootUnder(0))).toEqual(['lights enabled sandbox false error JANUS_MODULE_PATH_UNSAFE'])
    expect(await found([named], rootUnder(4_321))).toEqual(['lights enabled sandbox false'])
  })

  it('a configuration that others may write names nothing', async () => {
    const home = folderOf({ '.config/janus/config.json': { schema: 'janus.config/1', modules: ['./x'] } })
    chmodSync(join(home, '.config/janus/config.json'), 0o666)
    const user = { ...userIn(home, 0), owner }
    expect(await registryOfSources([{ kind: 'config' }], user).rows()).toMatchObject([
      { status: 'blocked', diagnostics: [{ code: 'JANUS_MODULE_PATH_UNSAFE' }] },
    ])
  })

  it('who is not root risks only what is theirs', async () => {
    const folder = folderOf(packageIn('lights', { id: 'lights' }))
    chmodSync(join(folder, 'lights'), 0o777)
    mkdirSync(join(folder, 'more'))
    symlinkSync('../lights', join(folder, 'more/link'))
    expect(await found([{ kind: 'named', name: './more/link', from: folder }])).toEqual([
      'lights enabled sandbox false',
    ])
  })
})
