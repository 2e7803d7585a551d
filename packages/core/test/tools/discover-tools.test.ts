import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ModuleSource } from '../../src/contract/janus.js'
import { packageDigest } from '../../src/extensions/package-digest.js'
import { discoverTools } from '../../src/tools/discover-tools.js'
import { folderOf, userIn } from '../modules/package-tree.js'

const COUNT = { name: 'count', summary: 'Counts lines.', entry: './count.mjs', arguments: { options: [] } }

function toolPackage(folder: string, tool: object = {}, fields: object = {}): Record<string, string | object> {
  const janus = { api: 1, modules: [], tools: [{ ...COUNT, ...tool }] }
  return {
    [`${folder}/package.json`]: { name: 'janus-tool-count', version: '1.2.3', janus, ...fields },
    [`${folder}/count.mjs`]: 'throw new Error("imported")\n',
  }
}

const found = (source: ModuleSource, user = userIn()) => discoverTools([source], user)

describe('tools of packages', () => {
  it('are found as data where a program depends on their package, with what they do not say taken for the worst', async () => {
    const root = folderOf({
      'package.json': { name: 'app', dependencies: { 'janus-tool-count': '1' } },
      ...toolPackage('node_modules/janus-tool-count'),
    })
    const [tool, ...others] = await found({ kind: 'dependencies-of', packageJson: join(root, 'package.json') })
    expect(others).toEqual([])
    expect(tool).toEqual({
      source: 'janus-tool-count',
      version: '1.2.3',
      directory: join(root, 'node_modules/janus-tool-count'),
      status: 'enabled',
      diagnostics: [],
      manifest: {
        name: 'count',
        summary: 'Counts lines.',
        command: [process.execPath, join(root, 'node_modules/janus-tool-count/count.mjs')],
        sideEffects: 'outside',
        network: false,
        writes: true,
        idempotent: false,
        reversible: false,
        interpreter: false,
        arguments: { options: [], positionals: [], separator: false },
      },
    })
  })

  it('are found by a path and by a name, and a command of the host stays one', async () => {
    const root = folderOf(toolPackage('tool', { entry: undefined, command: ['wc', '-l'] }))
    for (const source of [
      { kind: 'package', path: join(root, 'tool') },
      { kind: 'package', path: join(root, 'tool/package.json') },
      { kind: 'named', name: './tool', from: root },
    ] as const)
      expect(await found(source)).toMatchObject([{ status: 'enabled', manifest: { command: ['wc', '-l'] } }])
  })

  it('of an extension are available until the package is pinned, and blocked when it is not what was pinned', async () => {
    const home = folderOf({
      '.local/share/janus/extensions/package.json': { dependencies: { 'janus-tool-count': '1' } },
      ...toolPackage('.local/share/janus/extensions/node_modules/janus-tool-count'),
    })
    const extensions = join(home, '.local/share/janus/extensions')
    const place = join(extensions, 'node_modules/janus-tool-count')
    const user = userIn(home)
    expect(await found({ kind: 'extensions' }, user)).toMatchObject([{ status: 'available' }])
    const pin = {
      version: '1.2.3',
      files: await packageDigest(place, { dependencies: false }),
      brings: { modules: [], commands: [], tools: ['count'] },
      trusted: false,
    }
    const lock = { schema: 'janus.lock/1', modules: { 'janus-tool-count': pin } }
    writeFileSync(join(extensions, 'janus.lock.json'), JSON.stringify(lock))
    expect(await found({ kind: 'extensions' }, user)).toMatchObject([{ status: 'enabled', diagnostics: [] }])
    writeFileSync(join(place, 'more.txt'), 'x')
    expect(await found({ kind: 'extensions' }, user)).toMatchObject([
      { status: 'blocked', diagnostics: [{ code: 'JANUS_MODULE_INTEGRITY' }] },
    ])
  })

  it('are not taken from what merely lies in a project', async () => {
    const root = folderOf({
      'package.json': { name: 'app', dependencies: { 'janus-tool-count': '1' } },
      ...toolPackage('node_modules/janus-tool-count'),
    })
    expect(await found({ kind: 'project', directory: root })).toEqual([])
  })

  it.each([
    ['is not there', { entry: './none.mjs' }, /does not exist/],
    ['cannot be executed', { entry: './count.sh' }, /can be executed/],
    ['leads out of its package', { entry: './out.mjs' }, /lies outside/],
  ])('whose entry %s are blocked', async (_what, tool, problem) => {
    const root = folderOf({ ...toolPackage('tool', tool), 'tool/count.sh': '#!/bin/sh\n', 'other.mjs': '' })
    symlinkSync('../other.mjs', join(root, 'tool/out.mjs'))
    const [blocked] = await found({ kind: 'package', path: join(root, 'tool') })
    expect(blocked?.status).toBe('blocked')
    expect(blocked?.diagnostics[0]?.summary).toMatch(problem)
  })

  it('may be any program that can be executed', async () => {
    const root = folderOf({ ...toolPackage('tool', { entry: './count.sh' }), 'tool/count.sh': '#!/bin/sh\n' })
    chmodSync(join(root, 'tool/count.sh'), 0o755)
    expect(await found({ kind: 'package', path: join(root, 'tool') })).toMatchObject([
      { status: 'enabled', manifest: { command: [join(root, 'tool/count.sh')] } },
    ])
  })

  it.each([
    [{ name: 'Count' }],
    [{ name: '../count' }],
    [{ entry: '/bin/sh' }],
    [{ entry: './node_modules/x/y.js' }],
    [{ command: ['wc'] }],
    [{ entry: undefined }],
    [{ arguments: undefined }],
    [{ arguments: { options: [{ names: ['x'] }] } }],
    [{ arguments: { positionals: [{ name: 'a', value: { kind: 'file' } }] } }],
    [
      {
        arguments: {
          positionals: [
            { name: 'a', value: { kind: 'text' }, repeatable: true },
            { name: 'b', value: { kind: 'text' } },
          ],
        },
      },
    ],
    [{ arguments: { subcommands: { a: { subcommands: { b: { subcommands: { c: {} } } } } } } }],
    [{ sideEffects: 'none', network: true }],
  ])('that are declared with %j are not taken, and with them the whole manifest', async (tool) => {
    const root = folderOf(toolPackage('tool', tool))
    expect(await found({ kind: 'package', path: join(root, 'tool') })).toEqual([])
  })
})
