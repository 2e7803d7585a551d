import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as reports from './fixtures/reports.js'
import { type BuiltCommand, buildCommand } from './harness/built-command.js'
import { documentOf, runCommand, runOnTerminal, runProgram } from './harness/run-command.js'

const script = { answers: { check: reports.checkReport, inventory: reports.inventory } }
const ESCAPE = '\u001b['

let command: BuiltCommand
beforeAll(async () => {
  command = await buildCommand()
})
afterAll(async () => await command.remove())

describe('colour', () => {
  test.each([
    ['on a terminal', {}, [], true],
    ['not with NO_COLOR', { NO_COLOR: '1' }, [], false],
    ['with an empty NO_COLOR', { NO_COLOR: '' }, [], true],
    ['not on a dumb terminal', { TERM: 'dumb' }, [], false],
    ['on a dumb terminal with FORCE_COLOR', { TERM: 'dumb', FORCE_COLOR: '1' }, [], true],
    ['not with FORCE_COLOR=0', { FORCE_COLOR: '0' }, [], false],
    ['not with --no-color', { FORCE_COLOR: '1' }, ['--no-color'], false],
    ['with --color whatever the environment says', { NO_COLOR: '1', TERM: 'dumb' }, ['--color'], true],
  ] as const)('%s', async (_, env, flags, colored) => {
    const { stdout } = await runOnTerminal(command, ['check', ...flags], { script, env })
    expect(stdout).toContain('IOMMU')
    expect(stdout.includes(ESCAPE)).toBe(colored)
  })

  test.each([
    ['not in a pipe', {}, [], false],
    ['in a pipe with FORCE_COLOR', { FORCE_COLOR: '1' }, [], true],
    ['in a pipe with --color', {}, ['--color'], true],
    ['never in JSON', { FORCE_COLOR: '1' }, ['--color', '--json'], false],
  ] as const)('%s', async (_, env, flags, colored) => {
    const { stdout } = await runCommand(command, ['check', ...flags], { script, env })
    expect(stdout.includes(ESCAPE)).toBe(colored)
  })

  test('never in JSON on a terminal', async () => {
    const { stdout } = await runOnTerminal(command, ['check', '--json'], { script })
    expect(stdout.includes(ESCAPE)).toBe(false)
  })
})

describe('a reader that goes away', () => {
  test.each(['--help', 'check', 'check --json', 'bind --list'])('janus %s | head -1 ends quietly', async (line) => {
    const program = `{ '${process.execPath}' '${command.bin}' ${line}; echo "exit code $?" >&2; } | head -c 1`
    const ended = await runProgram('bash', ['-c', program], { script: large() })
    expect(ended.stderr).toMatch(/^exit code [01]\n$/)
  })

  test('stderr too', async () => {
    const program = `'${process.execPath}' '${command.bin}' nonsense 2> >(true); echo "exit code $?"`
    const { stdout } = await runProgram('bash', ['-c', `sleep 0; ${program}`])
    expect(stdout).toBe('exit code 1\n')
  })

  test('does not stop an apply half way', async () => {
    const plan = { ...reports.plan, changes: Array.from({ length: 40 }, () => reports.harmlessPlan.changes[0]) }
    const words = `'${process.execPath}' '${command.bin}' apply gpu-vfio --yes`
    const ended = await runProgram('bash', ['-c', `${words} 2>&1 | head -1; echo "\${PIPESTATUS[0]}"`], {
      script: { answers: { plan, inventory: reports.inventory }, slow: { apply: 5 } },
    })
    expect(ended.stdout.trim().endsWith('\n0')).toBe(true)
    expect(ended.calls.map(({ method }) => method)).not.toContain('undone')
  })
})

test.each(['check --json', 'check', '--help', '--version'])(
  'a disk that is full is an error of janus %s, not a silence',
  async (line) => {
    const words = `'${process.execPath}' '${command.bin}' ${line} > /dev/full; echo $?`
    const { stdout } = await runProgram('bash', ['-c', words], { script })
    expect(stdout).toBe('2\n')
  },
)

test('a result larger than a pipe arrives whole', async () => {
  const ended = await runCommand(command, ['check', '--json'], { script: large() })
  expect(ended.stdout.length).toBeGreaterThan(1_000_000)
  expect(documentOf(ended).data).toEqual(large().answers.check)
})

test('stdin that nobody asked for is left alone, open as it is', async () => {
  const ended = await runCommand(command, ['check'], { script, keepsInputOpen: true })
  expect(ended.exitCode).toBe(1)
})

test.each([
  ['an option that does not exist', ['check', '--nope', '--json'], 'check'],
  ['a command that does not exist', ['nope', '--json'], 'janus'],
  ['no command at all', ['--json'], 'janus'],
  ['a missing argument', ['plan', '--json'], 'plan'],
  ['a missing value', ['bind', '--json', '--group'], 'bind'],
] as const)('%s is one JSON document with --json', async (_, args, name) => {
  const ended = await runCommand(command, args)
  expect(ended.exitCode).toBe(1)
  const { command: told, ok, data, diagnostics } = documentOf(ended)
  expect({ told, ok, data, codes: diagnostics.map(({ code }) => code) }).toEqual({
    told: name,
    ok: false,
    data: null,
    codes: ['JANUS_USAGE'],
  })
})

/** More than a pipe holds. */
function large() {
  return { answers: { check: { ...reports.goodReport, host: 'x'.repeat(2_000_000) }, inventory: reports.inventory } }
}
