import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { listCompletions } from '../../src/commands.js'
import type { PackageCompletion } from '../../src/contract/package-completion.js'
import { folderOf } from '../modules/package-tree.js'

const FANS: PackageCompletion = {
  commands: [
    {
      words: 'fans stop',
      summary: 'Stops one.',
      arguments: [{ values: ['left', 'right'], repeatable: true }],
      options: [{ flags: '-f, --file <file>', summary: 'where', repeatable: true, values: 'file' }],
    },
  ],
  modules: { 'fan-curve': [{ name: 'device', summary: 'which', values: 'device' }] },
}

describe('what a package lets a shell complete', () => {
  it('is read from the file that its manifest names', () => {
    expect(read(FANS)).toEqual([FANS])
  })

  it('is about its own commands and modules only', () => {
    const foreign = {
      commands: [...(FANS.commands ?? []), { words: 'bind', summary: '' }, { words: 'fansy', summary: '' }],
      modules: { ...FANS.modules, 'gpu-vfio': [{ name: 'evil', summary: '' }], __proto__: [] },
    }
    expect(read(foreign)).toEqual([FANS])
  })

  it('is without what is malformed in it', () => {
    const hostile = '$(touch x)'
    const good = { words: 'fans', summary: 'Fans.', arguments: [], options: [] }
    expect(
      read({
        commands: [
          null,
          7,
          { words: `fans ${hostile}`, summary: '' },
          { words: 'fans\nstop', summary: '' },
          {
            ...good,
            summary: 'Fans.\u001b[31m\n',
            arguments: [{ values: 'secrets' }, 'x'],
            options: [
              { flags: `--x=${hostile}`, summary: '' },
              { flags: '--ok <a|b>', summary: 4, values: ['a', hostile, '-rf', 7] },
            ],
          },
        ],
        modules: { 'fan-curve': [{ name: hostile, summary: '' }, { name: 'ok' }] },
      }),
    ).toEqual([
      {
        commands: [
          {
            ...good,
            summary: 'Fans. [31m ',
            arguments: [{ repeatable: false }],
            options: [{ flags: '--ok <a|b>', summary: '', repeatable: false, values: ['a'] }],
          },
        ],
        modules: { 'fan-curve': [{ name: 'ok', summary: '' }] },
      },
    ])
  })

  it.each<[string, (place: string) => void]>([
    ['is not there', () => {}],
    ['leads out of the package', (place) => symlinkSync('../../other.json', place)],
    ['is a directory', (place) => mkdirSync(place)],
    ['would be waited for', (place) => execFileSync('mkfifo', [place])],
  ])('is nothing when the file %s', (_, make) => {
    const home = homeWith(FANS)
    const place = join(home, 'cli/node_modules/fans/completion.json')
    rmSync(place)
    make(place)
    expect(listed(home)).toEqual([])
  })
})

function read(content: unknown): readonly unknown[] {
  return listed(homeWith(content))
}

function listed(home: string): readonly unknown[] {
  return listCompletions({ packageJson: join(home, 'cli/package.json'), env: { HOME: home } })
}

function homeWith(content: unknown): string {
  return folderOf({
    'cli/package.json': { name: 'cli', dependencies: { fans: '1', plain: '1' } },
    'cli/node_modules/plain/package.json': { name: 'plain' },
    'cli/node_modules/other.json': FANS,
    'cli/other.json': FANS,
    'cli/node_modules/fans/package.json': {
      name: 'fans',
      janus: {
        api: 1,
        completion: './completion.json',
        modules: [{ id: 'fan-curve', type: 'host', entry: './fan-curve.js' }],
        commands: [{ name: 'fans', summary: 'Fans.', entry: './run.js' }],
      },
    },
    'cli/node_modules/fans/completion.json': JSON.stringify(content),
  })
}
