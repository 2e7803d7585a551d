import type { ChildProcess } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as reports from './fixtures/reports.js'
import { type BuiltCommand, buildCommand } from './harness/built-command.js'
import { documentOf, runCommand } from './harness/run-command.js'

const answers = { plan: reports.plan, inventory: reports.inventory, check: reports.goodReport }
const apply = ['bind', '--device', '0000:03:00.0', '--apply', '--yes', '--accept', 'display-sessions']
const SIGNALS = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 143],
] as const

let command: BuiltCommand
beforeAll(async () => {
  command = await buildCommand()
})
afterAll(async () => await command.remove())

test.each(SIGNALS)('%s during an apply undoes what was done, then ends with %i', async (signal, exitCode) => {
  const ended = await runCommand(command, apply, {
    script: { answers, slow: { apply: 300, undo: 300 } },
    onOutput: inTurn([['apply 1/2', (child) => child.kill(signal)]]),
  })
  expect(ended.exitCode).toBe(exitCode)
  expect(ended.calls.map(({ method }) => method)).toContain('undone')
  expect(ended.calls.at(-1)?.method).toBe('close')
  expect(ended.stderr).toContain('undoing')
})

test('the same Ctrl-C that arrives twice, as npm sends it, does not cut the undo short', async () => {
  const twice = (child: ChildProcess): void => {
    child.kill('SIGINT')
    setTimeout(() => child.kill('SIGINT'), 30)
  }
  const ended = await runCommand(command, apply, {
    script: { answers, slow: { apply: 300, undo: 600 } },
    onOutput: inTurn([['apply 1/2', twice]]),
  })
  expect(ended.exitCode).toBe(130)
  expect(ended.calls.map(({ method }) => method)).toContain('undone')
})

test('a second signal within five seconds ends at once', async () => {
  const ended = await runCommand(command, apply, {
    script: { answers, slow: { apply: 600, undo: 60_000 } },
    onOutput: inTurn([
      ['apply 1/2', (child) => child.kill('SIGINT')],
      ['undoing: the caller', (child) => child.kill('SIGTERM')],
    ]),
  })
  expect(ended.exitCode).toBe(143)
  expect(ended.calls.map(({ method }) => method)).not.toContain('undone')
})

test('an apply that could not undo everything says so, whatever signal came', async () => {
  const ended = await runCommand(command, ['rollback', '--yes'], {
    script: {
      answers: { 'rollback.dryRun': [reports.plannedUndo], rollback: [reports.incompleteUndo] },
      slow: { rollback: 400 },
    },
    env: { JANUS_TEST_ANNOUNCE: '1' },
    onOutput: inTurn([
      ['facade: rollback', () => {}],
      ['facade: rollback', (child) => child.kill('SIGTERM')],
    ]),
  })
  expect(ended.exitCode).toBe(4)
})

test.each(SIGNALS)('%s during a check ends it without waiting, with %i', async (signal, exitCode) => {
  const ended = await runCommand(command, ['check', '--json'], {
    script: { answers, slow: { check: 600_000 } },
    env: { JANUS_TEST_ANNOUNCE: '1' },
    onOutput: inTurn([['facade: check', (child) => child.kill(signal)]]),
  })
  expect(ended.exitCode).toBe(exitCode)
  expect(documentOf(ended).diagnostics[0]?.code).toBe('JANUS_ABORTED')
})

/** Acts once on each text, in this order, as it appears after the one before. */
function inTurn(turns: readonly (readonly [text: string, act: (child: ChildProcess) => void])[]) {
  const left = [...turns]
  let seen = 0
  return (child: ChildProcess, written: string): void => {
    for (let turn = left[0]; turn !== undefined; turn = left[0]) {
      const at = written.indexOf(turn[0], seen)
      if (at === -1) return
      seen = at + turn[0].length
      left.shift()
      turn[1](child)
    }
  }
}
