import { readdirSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { COMMANDS } from '../src/command-line/command-table.js'
import { type BuiltCommand, buildCommand } from './harness/built-command.js'
import { documentOf, runCommand } from './harness/run-command.js'

describe('with neither core nor a schema library installed', () => {
  let command: BuiltCommand
  beforeAll(async () => {
    command = await buildCommand({ core: false })
  })
  afterAll(async () => await command.remove())

  test.each([
    ['--version'],
    ['-v'],
    ['--help'],
    ['help'],
    ['help', 'module'],
    ['help', 'bind'],
    ['help', 'history', 'prune'],
    ['bind', '--help'],
  ])('%s %s answers, and writes nothing', async (...args) => {
    const ended = await runCommand(
      command,
      args.filter((arg) => typeof arg === 'string'),
    )
    expect(ended.stderr).toBe('')
    expect(ended.exitCode).toBe(0)
    expect(ended.stdout).not.toBe('')
    expect(readdirSync(ended.home)).toEqual([])
  })

  test.each(COMMANDS.map(({ name, summary }) => [name, summary]))(
    'help %s says on its first line what it does, and has an example',
    async (name, summary) => {
      const { stdout } = await runCommand(command, ['help', ...name.split(' ')])
      expect(stdout.split('\n')[0]).toBe(summary)
      expect(stdout).toMatch(/\nExamples?:\n {2}(sudo )?janus /)
    },
  )

  test('a command that needs core fails with its name and exit code 2', async () => {
    const ended = await runCommand(command, ['check'])
    expect(ended.exitCode).toBe(2)
    expect(ended.stderr).toMatch(/^error .*@janus\/core.*\n$/)
    const { ok, diagnostics } = documentOf(await runCommand(command, ['check', '--json']))
    expect({ ok, codes: diagnostics.map(({ code }) => code) }).toEqual({ ok: false, codes: ['JANUS_INTERNAL'] })
  })
})
