import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as reports from './fixtures/reports.js'
import { type BuiltCommand, buildCommand } from './harness/built-command.js'
import { documentOf, type Ended, runCommand, runOnTerminal } from './harness/run-command.js'

const harmless = { answers: { plan: reports.harmlessPlan, inventory: reports.inventory } }
const lossy = { answers: { plan: reports.plan, inventory: reports.inventory } }
const apply = ['bind', '--device', '0000:03:00.0', '--apply']

let command: BuiltCommand
beforeAll(async () => {
  command = await buildCommand()
})
afterAll(async () => await command.remove())

describe('without a terminal', () => {
  const changing: readonly (readonly [string, readonly string[]])[] = [
    ['bind --apply', apply],
    ['apply', ['apply', 'gpu-vfio']],
    ['init', ['init']],
    ['rollback', ['rollback']],
    ['bind --rollback', ['bind', '--rollback']],
    ['recover', ['recover']],
    ['history prune', ['history', 'prune']],
  ]
  const recovery = { transactions: [reports.plannedUndo], blocked: [], complete: true }
  const script = {
    answers: {
      ...harmless.answers,
      planInit: reports.harmlessPlan,
      checkInit: [],
      history: reports.history,
      'rollback.dryRun': [reports.plannedUndo],
      'recover.dryRun': recovery,
      'pruneHistory.dryRun': { removed: ['t-0'], kept: 1 },
    },
  }

  test.each(changing)('%s changes nothing and names the flag that says yes', async (_, args) => {
    const ended = await runCommand(command, args, { script })
    expect(ended.exitCode).toBe(1)
    expect(ended.stderr).toContain('--yes')
    expect(ended.stderr).toContain('JANUS_CONFIRMATION_REQUIRED')
    expectNothingDone(ended)
  })

  test.each(changing)('%s --json changes nothing either, also with a terminal', async (_, args) => {
    const ended = await runOnTerminal(command, [...args, '--json'], { script, input: 'y\n' })
    expect(ended.exitCode).toBe(1)
    expect(documentOf(ended).diagnostics[0]?.code).toBe('JANUS_CONFIRMATION_REQUIRED')
    expectNothingDone(ended)
  })

  test('a yes that comes through a pipe is not taken for one', async () => {
    const ended = await runCommand(command, apply, { script: harmless, input: 'y\n' })
    expect(ended.exitCode).toBe(1)
    expectNothingDone(ended)
  })

  test('a plan on stdin needs --yes, and with it is applied as it is', async () => {
    const input = JSON.stringify(reports.harmlessPlan)
    const refused = await runCommand(command, ['apply', '-'], { script: harmless, input })
    expect(refused.exitCode).toBe(1)
    expectNothingDone(refused)
    const applied = await runCommand(command, ['apply', '-', '--yes'], { script: harmless, input })
    expect(applied.exitCode).toBe(0)
    expect(callOf(applied, 'apply')).toEqual({ digest: reports.plan.digest, accept: [] })
  })
})

describe('on a terminal', () => {
  test.each(['y\n', 'yes\n', ' YES \n'])('%j is a yes', async (input) => {
    const ended = await runOnTerminal(command, apply, { script: harmless, input })
    expect(ended.exitCode).toBe(0)
    expect(callOf(ended, 'apply')).toEqual({ digest: reports.plan.digest, accept: [] })
  })

  test.each(['\n', 'n\n', 'yy\n', 'yes please\n', '\u0004'])('%j is a no, exit code 1', async (input) => {
    const ended = await runOnTerminal(command, apply, { script: harmless, input })
    expect(ended.exitCode).toBe(1)
    expect(ended.stdout).toContain('JANUS_DECLINED')
    expectNothingDone(ended)
  })

  test('the plan and its digest are shown before the question', async () => {
    const { stdout } = await runOnTerminal(command, apply, { script: harmless, input: 'n\n' })
    const digest = stdout.indexOf(reports.plan.digest)
    expect(digest).toBeGreaterThan(-1)
    expect(stdout.indexOf('[y/N]')).toBeGreaterThan(digest)
  })

  test('Ctrl-C at the question ends with 130 and changes nothing', async () => {
    let sent = false
    const ended = await runOnTerminal(command, apply, {
      script: harmless,
      onOutput: (child, written) => {
        if (sent || !written.includes('[y/N]')) return
        sent = true
        child.stdin?.write('\u0003')
      },
    })
    expect(ended.exitCode).toBe(130)
    expectNothingDone(ended)
  })
})

describe('losses', () => {
  test('--yes does not cover one; the message says what does', async () => {
    const ended = await runCommand(command, [...apply, '--yes'], { script: lossy })
    expect(ended.exitCode).toBe(1)
    expect(ended.stderr).toContain('JANUS_LOSS_NOT_ACCEPTED')
    expect(ended.stderr).toContain('--accept display-sessions')
    expectNothingDone(ended)
  })

  test('each is accepted by its own name and handed to the facade', async () => {
    const ended = await runCommand(command, [...apply, '--yes', '--accept', 'display-sessions'], { script: lossy })
    expect(ended.exitCode).toBe(0)
    expect(callOf(ended, 'apply')).toEqual({ digest: reports.plan.digest, accept: ['display-sessions'] })
  })

  test('accepting one is not a yes', async () => {
    const ended = await runCommand(command, [...apply, '--accept', 'display-sessions'], { script: lossy })
    expect(ended.exitCode).toBe(1)
    expectNothingDone(ended)
  })
})

describe('what is written', () => {
  test.each([
    ['a dry run', ['bind', '--device', '0000:03:00.0', '--dry-run', '--yes']],
    ['a plan', ['plan', 'gpu-vfio']],
    ['a declined apply', apply],
  ])('%s writes no log and creates no directory', async (_, args) => {
    const { home } = await runCommand(command, args, { script: lossy })
    expect(readdirSync(home)).toEqual([])
  })

  test('an apply writes its log below the state directory', async () => {
    const { home } = await runCommand(command, [...apply, '--yes'], { script: harmless })
    expect(readdirSync(join(home, 'state/logs'))).toHaveLength(1)
  })

  test('a plan goes to a new file, never over another one', async () => {
    const kept = join(command.folder, 'kept.json')
    writeFileSync(kept, 'precious')
    const ended = await runCommand(command, ['plan', 'gpu-vfio', '--out', kept], { script: lossy })
    expect(ended.exitCode).toBe(1)
    expect(ended.stderr).toContain('JANUS_FILE_INVALID')
    expect(readFileSync(kept, 'utf8')).toBe('precious')
    const written = await runCommand(command, ['plan', 'gpu-vfio', '--out', 'plan.json'], { script: lossy })
    expect(existsSync(join(written.home, 'plan.json'))).toBe(true)
    expect(written.stdout).toContain('sudo janus apply plan.json')
  })
})

function callOf({ calls }: Ended, method: string): unknown {
  return calls.find((call) => call.method === method)?.argument
}

/** Nothing that changes the machine was called but its dry runs. */
function expectNothingDone({ calls, home }: Ended): void {
  const dryRun = (argument: unknown): boolean => (argument as { dryRun?: boolean } | undefined)?.dryRun === true
  const mutating = ['apply', 'rollback', 'recover', 'pruneHistory']
  expect(calls.filter(({ method, argument }) => mutating.includes(method) && !dryRun(argument))).toEqual([])
  expect(calls.length).toBeGreaterThan(0)
  expect(readdirSync(home)).toEqual([])
}
