import { afterAll, beforeAll, expect, test } from 'vitest'
import * as reports from './fixtures/reports.js'
import { type BuiltCommand, buildCommand } from './harness/built-command.js'
import { documentOf, runCommand, runOnTerminal } from './harness/run-command.js'

const answers = {
  check: reports.goodReport,
  inventory: reports.inventory,
  snapshot: { schema: 'janus.snapshot/1', capturedAt: '2026-01-02T03:04:05.000Z', masked: true, entries: {} },
  modules: [],
  'rollback.dryRun': [],
}
const slow = { check: 1_600, inventory: 1_600, snapshot: 1_600, modules: 1_600, rollback: 1_600 }

let command: BuiltCommand
beforeAll(async () => {
  command = await buildCommand()
})
afterAll(async () => await command.remove())

test.each([
  ['check', ['check']],
  ['bind', ['bind', '--list']],
  ['snapshot', ['snapshot', '--out', 'a.json']],
  ['module list', ['module', 'list']],
  ['rollback', ['rollback', '--last']],
])('janus %s that takes long says so on a terminal, and takes the line away before the result', async (name, args) => {
  const { stdout, exitCode } = await runOnTerminal(command, args, { script: { answers, slow } })
  expect(exitCode).toBe(0)
  const shown = stdout.lastIndexOf(`janus ${name}: running for `)
  expect(shown).toBeGreaterThan(-1)
  const [said, result = ''] = stdout.slice(shown).split('\r\u001b[K')
  expect(said).toMatch(/^janus [a-z ]+: running for \d+ s$/)
  expect(result.trim()).not.toBe('')
})

test('a pipe, a file and a program are told nothing', async () => {
  const piped = await runCommand(command, ['check'], { script: { answers, slow } })
  expect(piped.stderr).toBe('')
  const json = await runOnTerminal(command, ['check', '--json'], { script: { answers, slow } })
  expect(documentOf(json).ok).toBe(true)
  expect(json.stdout).not.toContain('running for')
})

test('while a question is asked nobody waits for Janus', async () => {
  let answered = false
  const { stdout } = await runOnTerminal(command, ['bind', '--device', '0000:03:00.0', '--apply'], {
    script: { answers: { ...answers, plan: reports.harmlessPlan } },
    onOutput: (child, written) => {
      if (answered || !written.includes('[y/N]')) return
      answered = true
      setTimeout(() => child.stdin?.write('n\n'), 1_800)
    },
  })
  expect(stdout).toContain('JANUS_DECLINED')
  expect(stdout).not.toContain('running for')
})
