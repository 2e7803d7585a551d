import { afterAll, beforeAll, expect, test } from 'vitest'
import * as reports from './fixtures/reports.js'
import { type BuiltCommand, buildCommand } from './harness/built-command.js'
import { documentOf, runCommand } from './harness/run-command.js'

let command: BuiltCommand
beforeAll(async () => {
  command = await buildCommand()
})
afterAll(async () => await command.remove())

const described = { optionsSchema: { properties: { vcpus: { type: 'integer' }, device: { type: 'string' } } } }
const script = { answers: { check: reports.goodReport, describe: described } }

test('check asks one module what the command line says, in the words of plan and apply', async () => {
  const args = ['check', 'cpu-topology', '-o', 'vcpus=8', '--option', 'device=0000:03:00.0']
  const { exitCode, calls } = await runCommand(command, args, { script })
  expect(exitCode).toBe(0)
  expect(calls.find(({ method }) => method === 'check')?.argument).toMatchObject({
    modules: ['cpu-topology'],
    options: { 'cpu-topology': { vcpus: 8, device: '0000:03:00.0' } },
  })
})

test('check reads the options from a file, or from stdin, and -o overrides them', async () => {
  const args = ['module', 'check', 'cpu-topology', '--options', '-', '-o', 'vcpus=2']
  const input = JSON.stringify({ vcpus: 8, memory: '16G' })
  const { calls } = await runCommand(command, args, { script, input })
  expect(calls.find(({ method }) => method === 'check')?.argument).toMatchObject({
    options: { 'cpu-topology': { vcpus: 2, memory: '16G' } },
  })
})

test('check without options names no target', async () => {
  const { calls } = await runCommand(command, ['check', 'cpu-topology'], { script })
  expect(calls.find(({ method }) => method === 'check')?.argument).not.toHaveProperty('options')
})

test.each([[['check', '-o', 'vcpus=8']], [['check', 'cpu-topology', 'cpu-kvm', '-o', 'vcpus=8']]])(
  'options of no module, or of two, are a misuse: %j',
  async (args) => {
    const ended = await runCommand(command, [...args, '--json'], { script })
    expect(ended.exitCode).toBe(1)
    expect(documentOf(ended).diagnostics).toMatchObject([
      { code: 'JANUS_USAGE', remedy: 'janus check <module> -o key=value' },
    ])
    expect(ended.calls.filter(({ method }) => method === 'check')).toEqual([])
  },
)
