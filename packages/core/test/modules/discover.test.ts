import { execFileSync } from 'node:child_process'
import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ModuleSource } from '../../src/contract/janus.js'
import { discoverModules } from '../../src/modules/discover.js'
import { folderOf, packageIn, userIn } from './package-tree.js'

async function idsOf(...sources: ModuleSource[]): Promise<readonly string[]> {
  return (await discoverModules(sources, userIn())).map((module) => module.id)
}

describe('modules that a package.json depends on', () => {
  it('are found hoisted, nested, scoped and linked, and nothing of them is imported', async () => {
    const throwing = 'throw new Error("imported")'
    const root = folderOf({
      'app/package.json': {
        name: 'app',
        dependencies: { 'janus-module-hoisted': '1', '@fans/janus-module-scoped': '1', plain: '1', missing: '1' },
        optionalDependencies: { 'janus-module-nested': '1' },
        peerDependencies: { 'janus-module-linked': '1' },
      },
      ...packageIn('node_modules/janus-module-hoisted', { id: 'hoisted', code: throwing }),
      ...packageIn('node_modules/@fans/janus-module-scoped', {
        id: 'scoped',
        name: '@fans/janus-module-scoped',
        code: throwing,
      }),
      ...packageIn('app/node_modules/janus-module-nested', { id: 'nested', code: throwing }),
      ...packageIn('store/linked', { id: 'linked', name: 'janus-module-linked', code: throwing }),
      'node_modules/plain/package.json': { name: 'plain', version: '1.0.0' },
      ...packageIn('node_modules/janus-module-not-named', { id: 'not-named' }),
    })
    symlinkSync('../store/linked', join(root, 'node_modules/janus-module-linked'))
    const source = { kind: 'dependencies-of', packageJson: join(root, 'app/package.json') } as const
    expect(await idsOf(source)).toEqual(['scoped', 'hoisted', 'linked', 'nested'])
    const linked = (await discoverModules([source], userIn())).find((module) => module.id === 'linked')
    expect(linked?.path).toBe(join(root, 'store/linked/module.js'))
  })

  it('are found in packages whose exports hide their package.json', async () => {
    const exports = { '.': { import: './module.js' } }
    const root = folderOf({
      'package.json': { name: 'app', dependencies: { 'janus-module-hidden': '1' } },
      ...packageIn('node_modules/janus-module-hidden', { id: 'hidden', fields: { exports } }),
    })
    expect(await idsOf({ kind: 'dependencies-of', packageJson: join(root, 'package.json') })).toEqual(['hidden'])
  })

  it('are looked for where the package.json really lies', async () => {
    const root = folderOf({
      'store/app/package.json': { name: 'app', dependencies: { 'janus-module-fan-curve': '1' } },
      ...packageIn('store/node_modules/janus-module-fan-curve'),
      'elsewhere/empty': '',
    })
    symlinkSync('../store/app', join(root, 'elsewhere/app'))
    expect(await idsOf({ kind: 'dependencies-of', packageJson: join(root, 'elsewhere/app/package.json') })).toEqual([
      'fan-curve',
    ])
  })

  it('are not looked for by names that would leave node_modules', async () => {
    const root = folderOf({
      'app/package.json': {
        name: 'app',
        dependencies: { '../../evil': '1', '../evil': '1', '.': '1', '@x/../../evil': '1' },
      },
      ...packageIn('evil', { id: 'evil' }),
      ...packageIn('app/node_modules/x', { id: 'fine' }),
    })
    expect(await idsOf({ kind: 'dependencies-of', packageJson: join(root, 'app/package.json') })).toEqual([])
  })

  it('give one failed row when the package.json is not there', async () => {
    const [only, ...others] = await discoverModules(
      [{ kind: 'dependencies-of', packageJson: '/nowhere/package.json' }],
      userIn(),
    )
    expect(others).toEqual([])
    expect(only?.diagnostics[0]).toMatchObject({ code: 'JANUS_FILE_INVALID', path: '/nowhere/package.json' })
  })

  it("say what to do in a Yarn Plug'n'Play project instead of finding nothing", async () => {
    const root = folderOf({
      '.pnp.cjs': '',
      'packages/app/package.json': { name: 'app', dependencies: { 'janus-module-fan-curve': '1' } },
    })
    const [only] = await discoverModules(
      [{ kind: 'dependencies-of', packageJson: join(root, 'packages/app/package.json') }],
      userIn(),
    )
    expect(only?.diagnostics[0]).toMatchObject({
      code: 'JANUS_PNP_UNSUPPORTED',
      remedy: expect.stringContaining('yarn janus'),
    })
  })
})

describe('modules of the tree that a program runs from', () => {
  const tool = { name: '@janus/cli', version: '1.0.0' }

  it('are the members of its workspace that the patterns claim', async () => {
    const root = folderOf({
      'package.json': { name: 'root', workspaces: ['packages/*', 'extra/**', '!packages/left-out'] },
      'packages/cli/package.json': tool,
      ...packageIn('packages/modules-gpu', { id: 'gpu-vfio' }),
      ...packageIn('packages/left-out', { id: 'left-out' }),
      ...packageIn('extra/deep/er', { id: 'deep' }),
      ...packageIn('extra/deep/node_modules/x', { id: 'installed' }),
      ...packageIn('other/x', { id: 'other' }),
    })
    expect(await idsOf({ kind: 'tree-of', packageJson: join(root, 'packages/cli/package.json') })).toEqual([
      'deep',
      'gpu-vfio',
    ])
  })

  const standing = async (...sources: readonly ModuleSource[]) =>
    (await discoverModules(sources, userIn())).map(
      ({ id, standing, isolation, trusted }) => `${id} ${standing} ${isolation} ${trusted}`,
    )
  const installedIn = (folder: string, fields: object = {}) => ({
    [`${folder}/package.json`]: {
      dependencies: { '@janus/cli': '1', 'janus-module-named': '1' },
      devDependencies: { 'janus-module-dev': '1' },
      ...fields,
    },
    [`${folder}/node_modules/@janus/cli/package.json`]: { ...tool, dependencies: { 'janus-module-brought': '1' } },
    ...packageIn(`${folder}/node_modules/janus-module-brought`, { id: 'brought' }),
    ...packageIn(`${folder}/node_modules/janus-module-named`, { id: 'named' }),
    ...packageIn(`${folder}/node_modules/janus-module-dev`, { id: 'dev' }),
    ...packageIn(`${folder}/node_modules/janus-module-dragged-in`, { id: 'dragged-in' }),
  })

  it('of a project are there for it, and run nowhere before somebody names them', async () => {
    const root = folderOf(installedIn('app', { _npx: { packages: [] } }))
    const packageJson = join(root, 'app/node_modules/@janus/cli/package.json')
    const sources = [
      { kind: 'dependencies-of', packageJson },
      { kind: 'tree-of', packageJson },
    ] as const
    expect(await standing(...sources)).toEqual([
      'brought enabled in-process true',
      'dev available sandbox false',
      'named available sandbox false',
    ])
  })

  it('of an npx cache were asked for with it, and are kept in the sandbox', async () => {
    const root = folderOf(installedIn('_npx/0123abcd', { _npx: { packages: ['@janus/cli', 'janus-module-named'] } }))
    const packageJson = join(root, '_npx/0123abcd/node_modules/@janus/cli/package.json')
    expect(await standing({ kind: 'tree-of', packageJson })).toEqual([
      'dev enabled sandbox false',
      'named enabled sandbox false',
    ])
  })

  it('are the packages beside it in a global installation, scopes included, kept in the sandbox', async () => {
    const root = folderOf({
      'lib/node_modules/@janus/cli/package.json': tool,
      ...packageIn('lib/node_modules/@janus/modules-gpu', { id: 'gpu-vfio', name: '@janus/modules-gpu' }),
      ...packageIn('lib/node_modules/janus-module-fan-curve'),
      ...packageIn('lib/node_modules/.hidden', { id: 'hidden' }),
      'lib/node_modules/npm/package.json': { name: 'npm', version: '10.0.0' },
      'lib/node_modules/stray-file': '',
    })
    const source = { kind: 'tree-of', packageJson: join(root, 'lib/node_modules/@janus/cli/package.json') } as const
    expect(await standing(source)).toEqual(['gpu-vfio enabled sandbox false', 'fan-curve enabled sandbox false'])
  })

  it('of its workspace are its own', async () => {
    const root = folderOf({
      'package.json': { workspaces: ['packages/*'] },
      'packages/cli/package.json': tool,
      ...packageIn('packages/gpu', { id: 'gpu-vfio' }),
    })
    expect(await standing({ kind: 'tree-of', packageJson: join(root, 'packages/cli/package.json') })).toEqual([
      'gpu-vfio enabled in-process true',
    ])
  })

  it('are none when the program was not installed', async () => {
    const root = folderOf({ 'package.json': { workspaces: ['packages/*'] }, 'tools/cli/package.json': tool })
    expect(await idsOf({ kind: 'tree-of', packageJson: join(root, 'tools/cli/package.json') })).toEqual([])
  })

  it('are found in this very repository', async () => {
    const packageJson = realpathSync(new URL('../../../cli/package.json', import.meta.url))
    const modules = await discoverModules(
      [
        { kind: 'dependencies-of', packageJson },
        { kind: 'tree-of', packageJson },
      ],
      userIn(),
    )
    expect(modules.flatMap((module) => module.diagnostics)).toEqual([])
    expect(new Set(modules.map(({ id, path }) => `${path} ${id}`)).size).toBe(modules.length)
  })

  it('survive patterns made to take for ever', async () => {
    const evil = `${'*a'.repeat(2_000)}b`
    const root = folderOf({
      'package.json': { workspaces: [evil, '**/'.repeat(6) + evil, 'packages/*', 7, null] },
      'packages/cli/package.json': tool,
      ...packageIn(`packages/${'a'.repeat(200)}`, { id: 'long' }),
    })
    expect(await idsOf({ kind: 'tree-of', packageJson: join(root, 'packages/cli/package.json') })).toEqual(['long'])
  })
})

describe('discovery', () => {
  it('lists a package once, whichever sources lead to it', async () => {
    const root = folderOf({
      'package.json': { workspaces: ['packages/*'] },
      'packages/cli/package.json': { name: '@janus/cli', dependencies: { 'janus-module-fan-curve': '1' } },
      ...packageIn('packages/fans', { name: 'janus-module-fan-curve' }),
    })
    mkdirSync(join(root, 'node_modules'))
    symlinkSync('../packages/fans', join(root, 'node_modules/janus-module-fan-curve'))
    const packageJson = join(root, 'packages/cli/package.json')
    const sources = [
      { kind: 'package', path: join(root, 'packages/fans') },
      { kind: 'dependencies-of', packageJson },
      { kind: 'tree-of', packageJson },
    ] as const
    expect(await idsOf(...sources)).toEqual(['fan-curve'])
  })

  it('takes a package by its folder or its package.json, and says so when it brings nothing', async () => {
    const root = folderOf({ ...packageIn('good'), 'plain/package.json': { name: 'plain', version: '1.0.0' } })
    expect(await idsOf({ kind: 'package', path: join(root, 'good/package.json') })).toEqual(['fan-curve'])
    const [plain] = await discoverModules([{ kind: 'package', path: join(root, 'plain') }], userIn())
    expect(plain?.diagnostics[0]?.code).toBe('JANUS_MODULE_MANIFEST_INVALID')
  })

  it('does not wait for a package.json that is a named pipe, nor read one that is huge', async () => {
    const root = folderOf({
      'package.json': { dependencies: { pipe: '1', huge: '1', 'janus-module-fan-curve': '1' } },
      ...packageIn('node_modules/janus-module-fan-curve'),
      'node_modules/huge/package.json': `{"name":"huge","janus":${'['.repeat(1_100_000)}`,
    })
    mkdirSync(join(root, 'node_modules/pipe'))
    execFileSync('mkfifo', [join(root, 'node_modules/pipe/package.json')])
    expect(await idsOf({ kind: 'dependencies-of', packageJson: join(root, 'package.json') })).toEqual(['fan-curve'])
  })

  it.each([
    ['a list', []],
    ['a text', 'modules'],
    ['nothing', null],
    ['no modules', { api: 1 }],
    ['an id that is no id', { api: 1, modules: [{ id: '../../etc', type: 'host', entry: 'x.js' }] }],
    ['an absolute entry', { api: 1, modules: [{ id: 'a', type: 'host', entry: '/etc/passwd' }] }],
    ['an entry that is no text', { api: 1, modules: [{ id: 'a', type: 'host', entry: 7 }] }],
    ['a NUL in the entry', { api: 1, modules: [{ id: 'a', type: 'host', entry: 'x\0.js' }] }],
    [
      'modules without end',
      { api: 1, modules: Array.from({ length: 201 }, () => ({ id: 'a', type: 'host', entry: 'x.js' })) },
    ],
    ['a command with a line break', { api: 1, modules: [], commands: [{ name: 'a', summary: 'a\nb', entry: 'x.js' }] }],
    ['an unknown kind', { api: 1, modules: [{ id: 'a', type: 'host', entry: 'x', kind: 'binary' }] }],
  ])('makes one failed row of a manifest that is %s', async (_, manifest) => {
    const root = folderOf({ ...packageIn('bad') })
    writeFileSync(
      join(root, 'bad/package.json'),
      JSON.stringify({
        name: 'bad-package',
        version: '1.0.0',
        bugs: { url: 'https://bugs.example/' },
        janus: manifest,
      }),
    )
    const found = await discoverModules([{ kind: 'package', path: join(root, 'bad') }], userIn())
    expect(found).toHaveLength(1)
    expect(found[0]).toMatchObject({ id: 'bad-package', diagnostics: [{ code: 'JANUS_MODULE_MANIFEST_INVALID' }] })
    expect(found[0]?.diagnostics[0]?.remedy).toContain('https://bugs.example/')
  })

  it('repeats nothing of a package that calls itself something unprintable', async () => {
    const root = folderOf({
      'bad/package.json': {
        name: '\u001b[2Jevil\n',
        version: '1.0.0',
        bugs: 'https://x/\u001b[2J',
        janus: { api: 1, modules: [] },
      },
    })
    const found = await discoverModules([{ kind: 'package', path: join(root, 'bad') }], userIn())
    const text = JSON.stringify(found)
    expect(text).not.toContain('evil')
    expect(text).not.toContain('\\u001b')
  })

  it('ignores members it does not know and does not pollute prototypes', async () => {
    const root = folderOf({
      'new/package.json':
        '{"name":"n","version":"1.0.0","__proto__":{"polluted":1},"janus":{"api":1,"__proto__":{"polluted":1},"later":true,"modules":[{"id":"a","type":"host","entry":"a.js","constructor":{"prototype":{"polluted":1}}}]}}',
    })
    const [found] = await discoverModules([{ kind: 'package', path: join(root, 'new') }], userIn())
    expect(found).toMatchObject({ id: 'a', diagnostics: [] })
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })

  it.each([
    [2, 'Install a newer Janus'],
    [0, 'Ask https://bugs.example/ for a release'],
  ])('says what to do about a module for Module API %i, under its own name', async (api, remedy) => {
    const manifest = { api, modules: [{ id: 'from-afar', type: 'gpu', entry: { changed: 'shape' } }] }
    const root = folderOf(packageIn('afar', { manifest, fields: { bugs: 'https://bugs.example/' } }))
    const [found] = await discoverModules([{ kind: 'package', path: join(root, 'afar') }], userIn())
    expect(found).toMatchObject({ id: 'from-afar', type: 'gpu' })
    expect(found?.diagnostics[0]).toMatchObject({
      code: 'JANUS_MODULE_API_UNSUPPORTED',
      remedy: expect.stringContaining(remedy),
    })
  })
})
