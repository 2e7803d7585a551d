import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as reports from './fixtures/reports.js'
import { type BuiltCommand, buildCommand } from './harness/built-command.js'
import { documentOf, runCommand } from './harness/run-command.js'

const optionsSchema = {
  properties: {
    devices: { type: 'array', items: { type: 'string' } },
    group: { type: 'string' },
    allow: { type: 'array', items: { type: 'string' } },
  },
}
const script = {
  answers: {
    plan: reports.harmlessPlan,
    inventory: reports.inventory,
    describe: { optionsSchema },
    history: reports.history,
    'rollback.dryRun': [reports.plannedUndo],
    rollback: [reports.undone],
  },
}

let command: BuiltCommand
beforeAll(async () => {
  command = await buildCommand()
})
afterAll(async () => await command.remove())

async function planned(...args: readonly string[]): Promise<unknown> {
  const { calls } = await runCommand(command, ['bind', ...args], { script })
  return calls.find(({ method }) => method === 'plan')?.argument
}

describe('what the module is asked for', () => {
  test('devices in one flag, in several, or in both', async () => {
    const devices = ['0000:03:00.0', '03:00.1', 'garbage']
    expect(await planned('--device', ...devices)).toEqual({ module: 'gpu-vfio', options: { devices } })
    expect(await planned(...devices.flatMap((device) => ['--device', device]))).toEqual({
      module: 'gpu-vfio',
      options: { devices },
    })
  })

  test('a group, as text', async () => {
    expect(await planned('--group', '014')).toEqual({ module: 'gpu-vfio', options: { group: '014' } })
  })

  test('further options of the module, typed by its schema', async () => {
    const options = { devices: ['0000:03:00.0'], allow: ['boot-display', 'sibling'] }
    expect(await planned('--device', '0000:03:00.0', '-o', 'allow=boot-display', '-o', 'allow=sibling')).toEqual({
      module: 'gpu-vfio',
      options,
    })
  })

  test('--option never replaces the target', async () => {
    expect(await planned('--device', '0000:03:00.0', '-o', 'devices=0000:04:00.0')).toEqual({
      module: 'gpu-vfio',
      options: { devices: ['0000:03:00.0'] },
    })
  })
})

describe('contradictions', () => {
  test.each([
    ['--device 03:00.0 --group 1'],
    ['--device 03:00.0 --rollback'],
    ['--group 1 --rollback'],
    ['--rollback --apply'],
    ['--rollback --accept x'],
    ['--device 03:00.0 --dry-run --apply'],
    ['--device 03:00.0 --apply --host lab.json'],
    ['--rollback --host lab.json'],
    ['--list --apply'],
    ['--list --device 03:00.0'],
    ['--table --device 03:00.0'],
    ['--ascii --group 1'],
    ['--table'],
    [''],
    ['03:00.0'],
  ])('bind %s is a usage error and asks the facade nothing', async (line) => {
    const ended = await runCommand(command, ['bind', ...line.split(' ').filter(Boolean), '--yes', '--json'], { script })
    expect(ended.exitCode).toBe(1)
    expect(documentOf(ended).diagnostics.map(({ code }) => code)).toEqual(['JANUS_USAGE'])
    expect(ended.calls).toEqual([])
  })
})

describe('bind --rollback', () => {
  test('asks core for the newest binding, and for no other transaction', async () => {
    const { calls, exitCode } = await runCommand(command, ['bind', '--rollback', '--yes'], { script })
    expect(exitCode).toBe(0)
    expect(calls.filter(({ method }) => method === 'rollback').map(({ argument }) => argument)).toEqual([
      { module: 'gpu-vfio', dryRun: true, signal: 'given' },
      { module: 'gpu-vfio', signal: 'given' },
    ])
  })

  test('--dry-run undoes nothing', async () => {
    const { calls } = await runCommand(command, ['bind', '--rollback', '--dry-run', '--yes'], { script })
    expect(calls.filter(({ method }) => method === 'rollback')).toHaveLength(1)
  })

  test('says so when there is none', async () => {
    const none = { errors: { rollback: { code: 'JANUS_TRANSACTION_NOT_FOUND', message: 'there is none' } } } as const
    const ended = await runCommand(command, ['bind', '--rollback', '--yes', '--json'], { script: none })
    expect(ended.exitCode).toBe(1)
    expect(documentOf(ended).diagnostics[0]?.code).toBe('JANUS_TRANSACTION_NOT_FOUND')
  })
})

test('--host opens the captured machine, and what it shows cannot be applied', async () => {
  const ended = await runCommand(command, ['bind', '--device', '03:00.0', '--host', process.execPath], { script })
  expect(ended.calls[0]).toEqual({ method: 'openHost', argument: process.execPath })
  expect(ended.stdout).not.toContain('Apply it with')
})

test('the printed command is the one that applies what was shown', async () => {
  const { stdout } = await runCommand(command, ['bind', '--device', '03:00.0', '-o', "allow=it's", '--accept', 'x'], {
    script,
  })
  expect(stdout).toContain(`sudo janus bind --device 03:00.0 -o 'allow=it'\\''s' --accept x --apply`)
})
