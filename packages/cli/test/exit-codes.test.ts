import { afterAll, beforeAll, expect, test } from 'vitest'
import { ERROR_CODES, type JanusErrorCode } from '../../core/src/errors/codes.js'
import * as reports from './fixtures/reports.js'
import { type BuiltCommand, buildCommand } from './harness/built-command.js'
import { documentOf, runCommand } from './harness/run-command.js'

let command: BuiltCommand
beforeAll(async () => {
  command = await buildCommand()
})
afterAll(async () => await command.remove())

const ONE_OF_EACH: readonly JanusErrorCode[] = [
  'JANUS_INTERNAL',
  'JANUS_DEVICE_REFUSED',
  'JANUS_MODULE_IMPORT_FAILED',
  'JANUS_ROLLBACK_INCOMPLETE',
  'JANUS_STATE_LOCKED',
  'JANUS_STEP_TIMEOUT',
]

test.each(ONE_OF_EACH)('%s ends with the exit code of the catalogue, remedy and cause told', async (code) => {
  const script = {
    answers: { plan: reports.harmlessPlan, inventory: reports.inventory },
    errors: { plan: { code, message: 'it failed' } },
  }
  const ended = await runCommand(command, ['plan', 'gpu-vfio', '--json'], { script })
  expect(ended.exitCode).toBe(ERROR_CODES[code].exitCode)
  const { remedy } = ERROR_CODES[code]
  expect(documentOf(ended).diagnostics).toEqual([
    { severity: 'error', code, summary: 'it failed', remedy, detail: 'because the cause of it' },
  ])
})

const missing = { severity: 'error', code: 'JANUS_MODULE_NOT_FOUND', summary: 'no module gpu-vfoi' } as const

test('check of a module that does not exist ends with 3, whatever the others found', async () => {
  const script = { answers: { check: { ...reports.checkReport, diagnostics: [missing] } } }
  expect((await runCommand(command, ['check', 'gpu-vfoi'], { script })).exitCode).toBe(3)
  const thrown = { errors: { check: { code: 'JANUS_MODULE_NOT_FOUND', message: 'no module gpu-vfoi' } } } as const
  expect((await runCommand(command, ['check', 'gpu-vfoi'], { script: thrown })).exitCode).toBe(3)
})

test('a broken module that nobody named does not decide over the check', async () => {
  const script = { answers: { check: { ...reports.goodReport, diagnostics: [missing] } } }
  const ended = await runCommand(command, ['check'], { script })
  expect(ended.exitCode).toBe(0)
  expect(ended.stderr).toContain('no module gpu-vfoi')
})

test.each(['not json', '', '{"schema":'])('a plan file that is no JSON (%j) is an expected failure', async (input) => {
  const ended = await runCommand(command, ['apply', '-', '--yes', '--json'], { input })
  expect(ended.exitCode).toBe(1)
  expect(documentOf(ended).diagnostics[0]?.code).toBe('JANUS_FILE_INVALID')
})

test('a plan file that is not there is said to be so', async () => {
  const ended = await runCommand(command, ['apply', './absent.json', '--yes'])
  expect(ended.exitCode).toBe(1)
  expect(ended.stderr).toMatch(/^error there is no file \.\/absent\.json \[JANUS_FILE_INVALID\]\n/)
})

test.each([
  [['history', 'prune', '--older-than', 'x'], 'history prune'],
  [['snapshot'], 'snapshot'],
])('%j is pointed to the help of its command', async (args, name) => {
  const ended = await runCommand(command, args)
  expect(ended.exitCode).toBe(1)
  expect(ended.stderr).toContain(`→ See \`janus help ${name}\`.`)
})

test('an apply that could not be undone lists what was left, with both values, and ends with 4', async () => {
  const script = {
    answers: { plan: reports.harmlessPlan, inventory: reports.inventory },
    errors: {
      apply: {
        code: 'JANUS_ROLLBACK_INCOMPLETE',
        message: 'step 1 failed; and not everything could be undone',
        data: { undo: reports.incompleteUndo },
      },
    },
  } as const
  const ended = await runCommand(command, ['apply', 'gpu-vfio', '--yes'], { script })
  expect(ended.exitCode).toBe(4)
  expect(ended.stderr).toContain('expected "vfio-pci", found "nouveau"')
  const { diagnostics } = documentOf(await runCommand(command, ['apply', 'gpu-vfio', '--yes', '--json'], { script }))
  expect(diagnostics[0]?.data).toEqual({ undo: reports.incompleteUndo })
})

test('several refusals are several lines; what a device is called cannot add one', async () => {
  const message = `2 refusals:\n- 0000:03:00.0 is ${JSON.stringify(reports.HOSTILE)}\n- 0000:03:00.1 is a bridge`
  const script = { errors: { plan: { code: 'JANUS_DEVICE_REFUSED', message } } } as const
  const { stderr } = await runCommand(command, ['plan', 'gpu-vfio'], { script })
  expect(stderr.split('\n').slice(0, 3)).toEqual([
    'error 2 refusals: [JANUS_DEVICE_REFUSED]',
    expect.stringContaining('  - 0000:03:00.0 is "evil'),
    '  - 0000:03:00.1 is a bridge',
  ])
})
