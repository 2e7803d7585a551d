import { mkdirSync, realpathSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { scanModuleTree } from '../../src/command-modules/index.js'
import { addFixtures, bashText, createTree, type ModuleTree } from './module-tree.js'

describe('the scan of a tree of bash modules', () => {
  let tree: ModuleTree
  afterEach(() => tree.remove())

  it('finds every file below modules, sorted by path, at any depth up to eight', async () => {
    tree = createTree()
    addFixtures(tree)
    tree.write('modules/a/b/c/deep.sh', bashText({ id: 'deep' }))
    tree.write('modules/direct.sh', bashText({ id: 'direct' }))
    tree.write('modules/.git/hidden.sh', bashText({ id: 'hidden' }))
    tree.write('modules/node_modules/x/installed.sh', bashText({ id: 'installed' }))
    tree.write('modules/gpu/README.md', 'no module')
    tree.write('elsewhere.sh', bashText({ id: 'elsewhere' }))
    const found = await scanModuleTree(tree.root)
    expect(found.map(({ id }) => id)).toEqual(['deep', 'direct', 'gpu-original', 'legacy-names', 'library-only'])
    expect(found[2]).toEqual({
      id: 'gpu-original',
      type: 'gpu',
      version: '0.1.0',
      source: tree.root,
      path: join(tree.root, 'modules/gpu/original.sh'),
      code: { directory: tree.root, entry: 'modules/gpu/original.sh', kind: 'command', reads: ['modules', 'lib'] },
      diagnostics: [],
    })
  })

  it('gives a row to each file that is no module, and says why', async () => {
    tree = createTree({
      'modules/a-computed.sh': bashText({}).replace('"subject"', '"$(echo subject)"'),
      'modules/b-none.sh': 'echo "I am a script" >"$HOME/executed"\n',
      'modules/c-api.sh': bashText({ id: 'newer' }).replace('COMPAT_API="1"', 'COMPAT_API="7"'),
      'modules/d-crlf.sh': bashText({ id: 'windows' }).replaceAll('\n', '\r\n'),
      'modules/Not Kebab.sh': bashText({ id: 'Not Kebab' }),
      'modules/e-large.sh': `${bashText({ id: 'large' })}#${'x'.repeat(1_100_000)}`,
    })
    mkdirSync(join(tree.root, 'modules/f-folder.sh'))
    const found = await scanModuleTree(tree.root)
    const rows = found.map(({ id, type, version, code, diagnostics }) => [
      id,
      type,
      version,
      code,
      diagnostics.map((one) => `${one.code} ${one.summary.slice(tree.root.length)}`),
    ])
    const none = undefined
    expect(rows).toEqual([
      [
        'unnamed',
        'host',
        '1.0.0',
        none,
        ['JANUS_MODULE_METADATA_INVALID /modules/Not Kebab.sh: id "Not Kebab" is not kebab-case'],
      ],
      [
        'a-computed',
        'host',
        'unknown',
        none,
        [
          'JANUS_MODULE_METADATA_INVALID /modules/a-computed.sh: line 3 computes JANUS_MODULE_ID: it must be a plain value on a line of its own',
        ],
      ],
      [
        'b-none',
        'unknown',
        'unknown',
        none,
        ['JANUS_MODULE_METADATA_INVALID /modules/b-none.sh: it states no type, id, version, compat_api'],
      ],
      [
        'newer',
        'host',
        '1.0.0',
        none,
        ['JANUS_MODULE_API_UNSUPPORTED /modules/c-api.sh: it is written for Module API 7, this core speaks 1'],
      ],
      [
        'windows',
        'host',
        '1.0.0',
        none,
        [
          "JANUS_MODULE_METADATA_INVALID /modules/d-crlf.sh: its lines end in CR LF, which bash does not understand (sed -i 's/\\r$//' takes the CR away)",
        ],
      ],
      [
        'e-large',
        'unknown',
        'unknown',
        none,
        ['JANUS_MODULE_METADATA_INVALID /modules/e-large.sh: it cannot be read: it is larger than 1048576 bytes'],
      ],
    ])
  })

  it('follows no link: inside it adds nothing, and one that leaves the tree costs a row', async () => {
    tree = createTree({ 'modules/one.sh': bashText({ id: 'one' }), 'outside/two.sh': bashText({ id: 'two' }) })
    const modules = join(tree.root, 'modules')
    symlinkSync('one.sh', join(modules, 'again.sh'))
    symlinkSync('.', join(modules, 'loop'))
    symlinkSync('../outside', join(modules, 'folder'))
    symlinkSync('../outside/two.sh', join(modules, 'two.sh'))
    symlinkSync('nowhere', join(modules, 'dangling.sh'))
    symlinkSync('/etc/hostname', join(modules, 'notes'))
    const found = await scanModuleTree(tree.root)
    expect(
      found.map(({ path, diagnostics }) => [
        path?.slice(modules.length + 1),
        diagnostics[0]?.code,
        diagnostics[0]?.summary.split(': ').at(-1),
      ]),
    ).toEqual([
      ['dangling.sh', 'JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE', 'it is a link that leads nowhere'],
      ['folder', 'JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE', 'it is a link that leaves the tree'],
      ['one.sh', undefined, undefined],
      ['two.sh', 'JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE', 'it is a link that leaves the tree'],
    ])
  })

  it('stops at a depth and at a number of modules, and says so', async () => {
    tree = createTree({ [`modules/${'d/'.repeat(9)}deep.sh`]: bashText({ id: 'deep' }) })
    const [row, ...others] = await scanModuleTree(tree.root)
    expect(others).toEqual([])
    expect(row?.diagnostics[0]?.summary).toContain('it lies more than 8 folders deep')
  })

  it('finds nothing where there is no folder of modules, and none in a link that is one', async () => {
    tree = createTree()
    expect(await scanModuleTree(join(tree.root, 'lib'))).toEqual([])
    expect(await scanModuleTree(join(tree.root, 'absent'))).toEqual([])
    const linked = join(tree.root, 'linked')
    mkdirSync(linked)
    symlinkSync('/usr', join(linked, 'modules'))
    const found = await scanModuleTree(linked)
    expect(found.map(({ path }) => path)).toEqual([join(realpathSync(linked), 'modules')])
    expect(found[0]?.code).toBeUndefined()
  })

  it('leaves two modules of one name to the registry, each with its path', async () => {
    tree = createTree({ 'modules/a.sh': bashText({ id: 'twin' }), 'modules/b.sh': bashText({ id: 'twin' }) })
    expect((await scanModuleTree(tree.root)).map(({ id, path }) => [id, path])).toEqual([
      ['twin', join(tree.root, 'modules/a.sh')],
      ['twin', join(tree.root, 'modules/b.sh')],
    ])
  })
})
