import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../../src/command-line/command-table.js'
import { parseArguments } from '../../src/command-line/parse-arguments.js'

const words = [
  ...COMMANDS.flatMap(({ name }) => name.split(' ')),
  ...COMMANDS.flatMap(({ options = [] }) => options.flatMap(({ flags }) => flags.split(/[ ,]+/))),
]

describe('parseArguments', () => {
  test('answers any command line with a request, never with an exception', () => {
    const argument = fc.oneof(
      fc.constantFrom(...words),
      fc.constantFrom('--help', '-h', 'help', '--', '-', '--json'),
      fc.string(),
    )
    fc.assert(
      fc.property(fc.array(argument, { maxLength: 6 }), (argv) => {
        expect(['run', 'help', 'usage']).toContain(parseArguments(argv).kind)
      }),
      { numRuns: 300 },
    )
  })

  test('takes a command of a package with the words behind it, and never for one of its own', () => {
    const added = [
      { name: 'agent', summary: 'Talks.', source: 'agent' },
      { name: 'check', summary: 'Not this one.', source: 'agent' },
    ]
    const args = ['--host', 'x', '--help']
    expect(parseArguments(['agent', ...args], added)).toEqual({ kind: 'added', name: 'agent', args })
    expect(parseArguments(['--json', 'agent', '--no-color', '--', '--json'], added)).toMatchObject({
      args: ['--', '--json'],
    })
    expect(parseArguments(['help', 'agent'], added)).toMatchObject({ kind: 'added', args: ['--help'] })
    expect(parseArguments(['check'], added)).toMatchObject({ kind: 'run', spec: { name: 'check' } })
    expect(parseArguments(['check', '--nonsense'], added)).toMatchObject({ kind: 'usage', command: 'check' })
    expect(parseArguments(['agnet'], added)).toMatchObject({ kind: 'usage', command: 'janus' })
    expect(parseArguments(['agent'])).toMatchObject({ kind: 'usage' })
  })

  test('takes a command of two words, also below a word of its own, and lists it there', () => {
    const added = [
      { name: 'module create', summary: 'Makes one.', source: 'create' },
      { name: 'module list', summary: 'Not this one.', source: 'create' },
      { name: 'module', summary: 'Nor this one.', source: 'create' },
      { name: 'history drop', summary: 'Nor this one.', source: 'create' },
      { name: 'fans', summary: 'Shows the fans.', source: 'fans' },
      { name: 'fans stop', summary: 'Stops them.', source: 'fans' },
    ]
    const request = { kind: 'added', name: 'module create', args: ['fans', '--type', 'gpu'] }
    expect(parseArguments(['module', '--json', 'create', 'fans', '--type', 'gpu'], added)).toEqual(request)
    expect(parseArguments(['help', 'module', 'create'], added)).toMatchObject({ kind: 'added', args: ['--help'] })
    expect(parseArguments(['fans', 'stop'], added)).toEqual({ kind: 'added', name: 'fans stop', args: [] })
    expect(parseArguments(['fans', 'slow'], added)).toEqual({ kind: 'added', name: 'fans', args: ['slow'] })
    expect(parseArguments(['module', 'list'], added)).toMatchObject({ kind: 'run', spec: { name: 'module list' } })
    expect(parseArguments(['module'], added)).toMatchObject({ kind: 'usage', command: 'module' })
    expect(parseArguments(['history', 'drop'], added)).toMatchObject({ kind: 'usage', command: 'history' })

    const ofModule = parseArguments(['module', '--help'], added)
    expect(ofModule).toMatchObject({ kind: 'help', lists: true })
    expect(ofModule).toHaveProperty('text', expect.stringContaining('\n  module create  Makes one. (create)\n\n'))
    expect(ofModule).toHaveProperty('text', expect.not.stringContaining('Stops them'))
    expect(parseArguments(['--help'], added)).toHaveProperty('text', expect.stringContaining('\n  fans stop  '))
    expect(parseArguments(['check', '--help'], added)).toMatchObject({ kind: 'help', lists: false })
  })

  test('shows the help of everything for the word help itself, and none for a word that only an object has', () => {
    expect(parseArguments(['help', 'help'])).toEqual(parseArguments(['--help']))
    for (const word of ['toString', 'constructor', '__proto__'])
      expect(parseArguments(['help', word])).toMatchObject({ kind: 'usage', summary: `unknown command '${word}'` })
    expect(parseArguments(['module', 'help'])).toHaveProperty('text', expect.not.stringContaining('display help'))
  })

  test('says how many words a command takes', () => {
    expect(parseArguments(['bind', 'x', 'y'])).toMatchObject({ summary: 'bind takes no argument, not 2' })
    expect(parseArguments(['plan', 'x', 'y'])).toMatchObject({ summary: 'plan takes one argument, not 2' })
  })

  test('gives module check and module apply all that check and apply take', () => {
    for (const name of ['check', 'apply']) {
      const [own, same] = [name, `module ${name}`].map((words) => COMMANDS.find((spec) => spec.name === words))
      expect(same?.options).toEqual(own?.options)
    }
  })

  test('says --accept only of a command that takes it', () => {
    for (const { options = [] } of COMMANDS) {
      const says = options.some(({ summary }) => summary.includes('--accept'))
      expect(says).toBe(options.some(({ flags }) => flags.startsWith('--accept')))
    }
  })

  test('knows each command of the table by its words', () => {
    for (const { name, arguments: positional = [] } of COMMANDS) {
      const request = parseArguments([...name.split(' '), ...positional.slice(0, 1).map(() => 'word')])
      expect(request).toMatchObject({ kind: 'run', spec: { name } })
    }
  })

  test('global options stand before or after the command', () => {
    expect(parseArguments(['--json', 'check', 'gpu-iommu'])).toMatchObject({ kind: 'run', args: ['gpu-iommu'] })
    expect(parseArguments(['check', 'gpu-iommu', '--json'])).toMatchObject({ kind: 'run', args: ['gpu-iommu'] })
  })

  test('what follows -- is not an option', () => {
    expect(parseArguments(['check', '--', '--json'])).toMatchObject({ kind: 'run', args: ['--json'] })
  })

  test('a near miss is named', () => {
    expect(parseArguments(['rolback'])).toMatchObject({ kind: 'usage', remedy: expect.stringContaining('rollback') })
    expect(parseArguments(['bind', '--devcie', 'x'])).toMatchObject({
      command: 'bind',
      remedy: expect.stringContaining('--device'),
    })
    expect(parseArguments(['module', 'lst'])).toMatchObject({
      command: 'module',
      remedy: expect.stringContaining('list'),
    })
  })
})
