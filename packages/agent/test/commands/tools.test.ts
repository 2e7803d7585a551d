import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { runAgentCommand } from '../../src/commands/run-agent-command.js'
import { openConfiguredAgent, openConfiguredLocalAgent } from '../../src/index.js'

let folder: string
let config: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-tools-command-')))
  config = join(folder, 'agent.yaml')
  await writeFile(
    config,
    [
      'tools:',
      '  - {name: rg}',
      '  - {name: shell}',
      '  - {name: llama-cli}',
      '  - {name: own, command: [/bin/ls, "-l\\u001b[31m"], environment: {TOKEN: secret-value}, description: "lists\\u202e"}',
      '  - {name: count, package: janus-tool-count}',
      `kill_switch: {emergency_stop_file: ${folder}/STOP}`,
      ...['mission_log', 'tool_log', 'proposals_log', 'approval_queue', 'agent_log'].map(
        (name, index) => `${index === 0 ? 'logging:\n' : ''}  ${name}: ${folder}/${name}.jsonl`,
      ),
    ].join('\n'),
    { mode: 0o600 },
  )
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const run = (...args: readonly string[]) =>
  runAgentCommand(
    {
      program: 'janus agent',
      context: {} as never,
      stateDirectory: async () => join(folder, 'state'),
      open: (options) => openConfiguredAgent({ ...options, config, purpose: 'a test' }),
      openLocal: (options) => openConfiguredLocalAgent({ ...options, config, purpose: 'a test' }),
    },
    args,
  )

describe('janus agent tools', () => {
  test('list names what may be proposed, what is missing and why, and what could be named', async () => {
    const { text, data } = await run('tools', 'list')
    expect(text).toMatch(/^rg +built-in +no effects, reads only, idempotent, reversible +Searches/m)
    expect(text).toMatch(/^own +configured +effects outside, writes +/m)
    expect(text).toContain('missing: llama-cli: it has no command, and needs a model in llm.model_path')
    expect(text).toContain('missing: count: no package janus-tool-count that brings it was found')
    expect(text).toContain('not named in the configuration: curl, git, jq, python, node_generator, file_chunker')
    expect(JSON.stringify(data)).not.toContain('secret-value')
    expect(text).not.toContain('\u001b')
    expect(text).not.toContain('\u202e')
  })

  test('show tells one of them, with its grammar and without the values of its variables', async () => {
    const { text } = await run('tools', 'show', 'own')
    expect(text).toContain('is given     TOKEN')
    expect(text).toContain('network      none')
    expect(text).not.toContain('secret-value')
    expect(text).not.toContain('\u001b')
    expect((await run('tools', 'show', 'rg')).text).toContain('[--max-count=<integer 1..1000000>]')
    expect((await run('tools', 'show', 'shell')).text).toMatch(/^ {2}wc \[-l\]/m)
    await expect(run('tools', 'show', 'curl')).rejects.toMatchObject({ code: 'JANUS_USAGE' })
    await expect(run('tools', 'show', 'count')).rejects.toThrow('no package janus-tool-count')
  })
})
