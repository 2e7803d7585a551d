import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type SandboxArgumentSettings, sandboxArguments } from '../../src/sandbox/sandbox-arguments.js'
import { limitsOf } from '../../src/sandbox/sandbox-request.js'

const path = fc
  .array(fc.stringMatching(/^[^/\0]{1,12}$/), { minLength: 1, maxLength: 5 })
  .map((parts) => `/${parts.join('/')}`)
const settings = fc.record({
  command: path,
  args: fc.array(fc.string()),
  env: fc.dictionary(fc.stringMatching(/^[A-Z_]{1,9}$/), fc.string()),
  cwd: path,
  system: fc.constant([{ kind: 'directory', path: '/usr' } as const]),
  readOnly: fc.array(fc.record({ source: path, target: path })),
  machine: fc.boolean(),
  workspace: fc.option(fc.record({ source: path, target: fc.constant('/workspace') }), { nil: undefined }),
  writable: fc.array(fc.record({ source: path, target: path })),
  storage: fc.option(path, { nil: undefined }),
  insideUid: fc.option(fc.nat(), { nil: undefined }),
  limits: fc.record({ temporary: fc.nat(), memory: fc.nat() }).map(limitsOf),
  prlimit: fc.constant('/usr/bin/prlimit'),
})

describe('the arguments of bubblewrap', () => {
  test('hold nothing of the caller where an option is expected', () => {
    fc.assert(
      fc.property(settings, (given) => {
        const { command } = sandboxArguments(given)
        expect(command[0]).toBe('--')
        const last = command.indexOf('--', 1)
        expect(command.slice(last + 1)).toEqual([given.command, ...given.args])
        expect(command.slice(2, last).every((argument) => /^--[a-z]+=\d+(:\d+)?$/.test(argument))).toBe(true)
      }),
    )
  })

  test('make the root read-only after every mount, and write nowhere but in the workspace', () => {
    fc.assert(
      fc.property(settings, (given) => {
        const words = optionWords(sandboxArguments(given).options)
        const names = words.map(([name]) => name)
        const mounts = [
          '--ro-bind',
          '--bind',
          '--tmpfs',
          '--proc',
          '--dev',
          '--symlink',
          '--dir',
          '--ro-bind-try',
          '--ro-bind-data',
        ]
        const lastMount = Math.max(...mounts.map((name) => names.lastIndexOf(name)))
        expect(words[names.lastIndexOf('--remount-ro')]).toEqual(['--remount-ro', '/'])
        expect(names.lastIndexOf('--remount-ro')).toBeGreaterThan(lastMount)
        expect(words.filter(([name]) => name === '--bind')).toHaveLength(
          (given.workspace === undefined ? 0 : 1) +
            (given.writable?.length ?? 0) +
            (given.storage === undefined ? 0 : 3),
        )
        for (const name of ['--share-net', '--dev-bind', '--cap-add', '--as-pid-1']) expect(names).not.toContain(name)
        for (const name of [
          '--unshare-user',
          '--disable-userns',
          '--unshare-all',
          '--die-with-parent',
          '--new-session',
          '--clearenv',
          '--seccomp',
        ])
          expect(names).toContain(name)
      }),
    )
  })

  test('bound every temporary directory, and have none unless asked', () => {
    const tmpfs = (temporary: number): readonly string[] =>
      sandboxArguments({
        ...fc.sample(settings, { numRuns: 1, seed: 7 })[0],
        ...EMPTY,
        limits: limitsOf({ temporary }),
      }).options
    expect(tmpfs(0)).not.toContain('--tmpfs')
    const some = tmpfs(4096)
    const positions = some.flatMap((word, index) => (word === '--tmpfs' ? [index] : []))
    expect(positions).toHaveLength(3)
    for (const position of positions) expect(some.slice(position - 4, position - 2)).toEqual(['--size', '4096'])
  })

  test('mount outer directories before what lies in them', () => {
    const readOnly = ['/a/b/c', '/a', '/a/b'].map((at) => ({ source: at, target: at }))
    const words = optionWords(sandboxArguments({ ...EMPTY, readOnly }).options)
    expect(
      words.filter(([name, source]) => name === '--ro-bind' && source !== '/usr').map(([, source]) => source),
    ).toEqual(['/a', '/a/b', '/a/b/c'])
  })
})

const EMPTY: SandboxArgumentSettings = {
  command: '/usr/bin/true',
  args: [],
  env: {},
  cwd: '/',
  system: [],
  readOnly: [],
  machine: false,
  workspace: undefined,
  limits: limitsOf(),
  prlimit: '/usr/bin/prlimit',
}

/** How many arguments each option of bubblewrap takes, as its manual says. */
const ARITY: Readonly<Record<string, number>> = {
  '--ro-bind': 2,
  '--bind': 2,
  '--ro-bind-try': 2,
  '--ro-bind-data': 2,
  '--symlink': 2,
  '--setenv': 2,
  '--cap-drop': 1,
  '--hostname': 1,
  '--dir': 1,
  '--proc': 1,
  '--dev': 1,
  '--size': 1,
  '--perms': 1,
  '--tmpfs': 1,
  '--remount-ro': 1,
  '--uid': 1,
  '--gid': 1,
  '--chdir': 1,
  '--seccomp': 1,
  '--json-status-fd': 1,
}

/** Reads the options as bubblewrap does; what stands in the place of a name must be one. */
function optionWords(options: readonly string[]): readonly (readonly string[])[] {
  const words: string[][] = []
  for (let index = 0; index < options.length; ) {
    const name = options[index] ?? ''
    if (!/^--[a-z-]+$/.test(name)) throw new Error(`${JSON.stringify(name)} stands where an option should`)
    const taken = ARITY[name] ?? 0
    words.push(options.slice(index, index + 1 + taken))
    index += 1 + taken
  }
  return words
}
