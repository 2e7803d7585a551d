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
