import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listCommands } from '../../src/commands.js'
import type { ModuleSource } from '../../src/contract/janus.js'
import { contributedCommands } from '../../src/extensions/contributed-commands.js'
import { writePin } from '../../src/extensions/lock-file.js'
import { packageDigest } from '../../src/extensions/package-digest.js'
import { requireCommand } from '../../src/extensions/require-command.js'
import { folderOf, userIn } from '../modules/package-tree.js'

const EXTENSIONS = '.local/share/janus/extensions'

function commandPackage(name: string, commands: unknown): object {
  return { name, version: '1.0.0', janus: { api: 1, modules: [], commands } }
}

function homeWith(commands: unknown = [{ name: 'fans', summary: 'Shows fans.', entry: './run.js' }]) {
  const home = folderOf({
    'cli/package.json': { name: 'cli', dependencies: { agent: '1', plain: '1', gone: '1' } },
    'cli/node_modules/agent/package.json': commandPackage('agent', [
      { name: 'agent', summary: 'Talks.', entry: './dist/run.js' },
    ]),
    'cli/node_modules/agent/dist/run.js': 'throw new Error("imported")',
    'cli/node_modules/plain/package.json': { name: 'plain' },
    [`${EXTENSIONS}/package.json`]: { private: true, dependencies: { fans: '1' } },
    [`${EXTENSIONS}/node_modules/fans/package.json`]: commandPackage('fans', commands),
    [`${EXTENSIONS}/node_modules/fans/run.js`]: 'throw new Error("imported")',
  })
  const sources: readonly ModuleSource[] = [
    { kind: 'dependencies-of', packageJson: join(home, 'cli/package.json') },
    { kind: 'extensions' },
  ]
  const place = join(home, EXTENSIONS, 'node_modules/fans')
  return { home, sources, place, user: userIn(home) }
}

async function trust(home: string, place: string): Promise<void> {
  const files = await packageDigest(place, { dependencies: true })
  const brings = { modules: [], commands: ['fans'] }
  await writePin(join(home, EXTENSIONS), 'fans', { version: '1.0.0', files, brings, trusted: true })
}

describe('commands of packages', () => {
  it('are listed from manifests, those of the program first, and nothing is imported', () => {
    const { home, sources, user } = homeWith()
    const listed = contributedCommands(sources, user).map(({ name, source }) => `${name} ${source}`)
    expect(listed).toEqual(['agent agent', 'fans fans'])
    const packageJson = join(home, 'cli/package.json')
    expect(listCommands({ packageJson, env: { HOME: home } }).map(({ name }) => name)).toEqual(['agent', 'fans'])
  })

  it.each([
    ['no list', 'all'],
    ['a name that is none', [{ name: 'Fans', summary: 'x', entry: './run.js' }]],
    ['no summary', [{ name: 'fans', entry: './run.js' }]],
    ['nothing', [null, 7, 'fans']],
  ])('are passed over when a manifest gives %s', (_, commands) => {
    const { sources, user } = homeWith(commands)
    expect(contributedCommands(sources, user).map(({ name }) => name)).toEqual(['agent'])
  })

  it('do not write over the help that lists them', () => {
    const { sources, user } = homeWith([{ name: 'fans', summary: 'a\u001b[31m\nb\u202e', entry: './run.js' }])
    expect(contributedCommands(sources, user)[1]?.summary).toBe('a [31m b ')
  })

  it('of the program itself may run', async () => {
    const { sources, user, home } = homeWith()
    expect(await requireCommand('agent', sources, user)).toMatchObject({
      path: join(home, 'cli/node_modules/agent/dist/run.js'),
    })
  })

  it('of an extension may run once it is trusted, and until it changes', async () => {
    const { home, sources, user, place } = homeWith()
    await expect(requireCommand('fans', sources, user)).rejects.toMatchObject({ code: 'JANUS_MODULE_UNTRUSTED' })
    await trust(home, place)
    expect(await requireCommand('fans', sources, user)).toMatchObject({ path: join(place, 'run.js') })
    writeFileSync(join(place, 'run.js'), 'patched')
    await expect(requireCommand('fans', sources, user)).rejects.toMatchObject({ code: 'JANUS_MODULE_INTEGRITY' })
  })

  it('of an extension do not run as root when others may write them', async () => {
    const { home, sources, place } = homeWith()
    await trust(home, place)
    chmodSync(join(place, 'run.js'), 0o666)
    const user = { ...userIn(home, 0), owner: process.getuid?.() ?? 0 }
    await expect(requireCommand('fans', sources, user)).rejects.toMatchObject({ code: 'JANUS_MODULE_PATH_UNSAFE' })
  })

  it('whose entry leads out of its package is refused', async () => {
    const { home, sources, user, place } = homeWith([{ name: 'fans', summary: 'x', entry: '../../../run.js' }])
    writeFileSync(join(home, EXTENSIONS, 'run.js'), '')
    await trust(home, place)
    await expect(requireCommand('fans', sources, user)).rejects.toMatchObject({
      code: 'JANUS_MODULE_ENTRY_OUTSIDE_PACKAGE',
    })
  })

  it('that nobody adds are told apart from those that were meant', async () => {
    const { sources, user } = homeWith()
    await expect(requireCommand('agnet', sources, user)).rejects.toMatchObject({
      code: 'JANUS_COMMAND_NOT_FOUND',
      message: 'there is no command "agnet"; did you mean agent?',
    })
  })
})
