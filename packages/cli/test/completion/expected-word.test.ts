import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/command-line/command-table.js'
import { GLOBAL_OPTIONS } from '../../src/command-line/options.js'
import { PLACEHOLDERS, readPlaceholder } from '../../src/command-line/placeholders.js'
import { type ExpectedWord, expectedWord } from '../../src/completion/expected-word.js'
import { vocabulary } from '../../src/completion/vocabulary.js'

const WORDS = vocabulary(
  [
    { name: 'agent', summary: 'Reviews.' },
    { name: 'check', summary: 'Not this one.' },
    { name: 'fans', summary: 'Shows the fans.' },
  ],
  [
    {
      commands: [
        {
          words: 'agent mode sign',
          summary: 'Signs.',
          arguments: [{ values: ['alpha', 'beta'] }, { values: 'file' }],
          options: [{ flags: '--address <address>', summary: 'of a network' }],
        },
        { words: 'check', summary: 'Not this one.' },
        { words: 'bind', summary: 'Not this one.', options: [{ flags: '--evil', summary: '' }] },
      ],
    },
  ],
)

describe('the command table', () => {
  const notations = COMMANDS.flatMap((spec) => [
    ...(spec.arguments ?? []).map(({ name, values }) => [spec.name, name, values] as const),
    ...(spec.options ?? []).map(({ flags, values }) => [spec.name, flags, values] as const),
  ])

  test.each(notations.filter(([, notation, values]) => values === undefined && readPlaceholder(notation)))(
    '%s %s: what completes its value is known by the name of the placeholder',
    (_, notation) => {
      const unknown = readPlaceholder(notation)?.names.filter((name) => !Object.hasOwn(PLACEHOLDERS, name))
      expect(unknown).toEqual([])
    },
  )
})

describe('a command', () => {
  test('is proposed by its first word: all of the table, those of packages, and help', () => {
    const first = new Set(COMMANDS.map(({ name }) => name.split(' ')[0]))
    expect(names(at('').commands)).toEqual([...first, 'agent', 'fans', 'help'])
  })

  test('is proposed word by word, also behind options of every command and behind help', () => {
    const words = names(at('module', '').commands)
    expect(words).toEqual(COMMANDS.filter(({ name }) => /^module /.test(name)).map(({ name }) => name.slice(7)))
    expect(names(at('--json', 'module', '').commands)).toEqual(words)
    expect(names(at('help', 'module', '').commands)).toEqual(words)
    expect(names(at('history', '').commands)).toEqual(['prune'])
    expect(names(at('agent', 'mode', '').commands)).toEqual(['sign'])
    expect(at('help', 'bind', '-')).toMatchObject({ options: [], commands: [], values: [] })
  })

  test('of a package takes the place of none of ours and adds nothing to it', () => {
    expect(names(at('bind', '-').options)).not.toContain('--evil')
    expect(at('').commands.find(({ word }) => word === 'check')?.summary).toMatch(/^Look for/)
  })
})

describe('an option', () => {
  test.each(COMMANDS.map(({ name, options = [] }) => [name, options] as const))(
    'of %s is proposed with its summary, beside those of every command',
    (name, options) => {
      const proposed = at(...name.split(' '), '-').options
      for (const { flags, summary } of [...options, ...GLOBAL_OPTIONS])
        for (const word of flags.replace(/ ?[<[].*/, '').split(', ')) expect(proposed).toContainEqual({ word, summary })
    },
  )

  test('that was given or is contradicted is not proposed again; one that is repeatable is', () => {
    const proposed = names(at('bind', '--dry-run', '--device', '0000:03:00.0', '-o', 'driver=x', '-').options)
    expect(proposed).not.toContain('--dry-run')
    expect(proposed).not.toContain('--apply')
    expect(proposed).not.toContain('--group')
    expect(proposed).not.toContain('--list')
    expect(proposed).toEqual(expect.arrayContaining(['--device', '-o', '--accept']))
  })

  test('is proposed without a dash where nothing else can stand', () => {
    expect(names(at('doctor', '').options)).toContain('--module')
    expect(names(at('plan', 'gpu-vfio', '').options)).toContain('--out')
    expect(at('plan', '').options).toEqual([])
  })

  test('is none behind two dashes', () => {
    expect(at('check', '--', '-')).toMatchObject({ options: [], values: ['module'] })
  })
})

describe('a value', () => {
  test.each<[readonly string[], Partial<ExpectedWord>]>([
    [['bind', '--device', ''], { values: ['device'], given: [] }],
    [['bind', '--device', 'a', '0'], { values: ['device'], given: ['a'], begun: '0' }],
    [['bind', '--device=00'], { values: ['device'], prefix: '--device=', begun: '00' }],
    [['bind', '--group', ''], { values: ['group'] }],
    [['check', 'gpu-iommu', ''], { values: ['module'], given: ['gpu-iommu'] }],
    [['apply', ''], { values: ['module', 'plan'] }],
    [['plan', '-o', 'pages=1', '-o', ''], { values: ['option'], given: ['pages=1'] }],
    [['rollback', '--profile', ''], { values: ['profile'] }],
    [['rollback', ''], { values: ['transaction'] }],
    [['module', 'remove', ''], { values: ['added'] }],
    [['completion', ''], { values: [['bash', 'zsh', 'fish']] }],
    [['agent', 'mode', 'sign', 'beta', ''], { values: ['file'] }],
    [['agent', 'mode', 'sign', '--address', ''], { values: [[]] }],
    [['snapshot', '--out', '--no-mask', ''], { values: [] }],
    [['status', '--no-such', ''], { values: [] }],
  ])('%j is %j', (words, expected) => {
    expect(at(...words)).toMatchObject(expected)
  })

  test('is of the machine, the modules and the module that were named before', () => {
    const words = ['check', 'cpu-smt', '--host', 'lab.json', '--module', './a', '--module=./b', '-o', '']
    expect(at(...words).context).toEqual({ host: 'lab.json', modules: ['./a', './b'], module: 'cpu-smt' })
    expect(at('bind', '-o', '').context).toEqual({ modules: [], module: 'gpu-vfio' })
  })
})

function at(...words: readonly string[]): ExpectedWord {
  return expectedWord(WORDS, words)
}

function names(candidates: readonly { readonly word: string }[]): readonly string[] {
  return candidates.map(({ word }) => word)
}
