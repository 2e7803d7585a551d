import { chmod, mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FoundTool } from '@janus/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  executorTools,
  HARD_LIMITS,
  parseSettings,
  proposeAction,
  resolveTool,
  type ToolAction,
  type ToolEntry,
  toolRegistry,
} from '../../src/index.js'
import { settingsWith } from '../settings/effects/setting-effect.js'
import { memoryRecord } from '../support/memory-record.js'
import { proposeContext, sampleDraft } from '../support/propose-context.js'

let folder: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-registry-')))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function packageTool(more: Partial<FoundTool> = {}): Promise<FoundTool> {
  const directory = join(folder, 'janus-tool-count')
  const program = join(directory, 'count.sh')
  await mkdir(directory, { recursive: true })
  await writeFile(program, '#!/bin/sh\nwc -l "$@"\n')
  await chmod(program, 0o755)
  return {
    source: 'janus-tool-count',
    version: '1.0.0',
    directory,
    status: 'enabled',
    diagnostics: [],
    manifest: {
      name: 'count',
      summary: 'counts lines',
      command: [program],
      sideEffects: 'none',
      network: false,
      writes: false,
      idempotent: true,
      reversible: true,
      interpreter: false,
      arguments: {
        options: [],
        positionals: [{ name: 'path', value: { kind: 'path' }, repeatable: true }],
        separator: true,
      },
    },
    ...more,
  }
}

const COUNT = { name: 'count', package: 'janus-tool-count' }
const resolve = (entry: ToolEntry | undefined, args: readonly string[], network: readonly string[] = []) => {
  const action: ToolAction = { kind: 'tool', tool: 'x', args, kwargs: {}, network }
  return resolveTool(action, {
    tool: () => entry,
    proposal: 'janus-000000000000',
    preservedEnvironment: [],
    allowedDomains: [],
    limits: HARD_LIMITS,
  })
}

describe('a tool of a package', () => {
  test('is there when the configuration names it and its package, and is shown its package alone', async () => {
    const settings = await settingsWith({ tools: [COUNT] })
    const found = await packageTool()
    const { entries, missing } = toolRegistry(settings, [found])
    expect(missing).toEqual([])
    expect(entries.get('count')).toMatchObject({
      source: 'janus-tool-count',
      shown: [found.directory],
      code: [found.directory],
      allow_network: false,
      description: 'counts lines',
    })
    expect(executorTools({ entries }).readOnly?.('count')).toEqual([{ source: found.directory }])
    expect(toolRegistry(await settingsWith({}), [found]).entries.size).toBe(0)
  })

  test.each<readonly [string, Partial<FoundTool>]>([
    ['lies in another package', { source: 'janus-tool-other' }],
    ['nobody named or pinned', { status: 'available' }],
    [
      'is blocked',
      {
        status: 'blocked',
        diagnostics: [{ code: 'JANUS_MODULE_INTEGRITY', summary: 'has files that were changed', severity: 'error' }],
      },
    ],
  ])('that %s is missing, and the registry says why', async (_what, more) => {
    const settings = await settingsWith({ tools: [COUNT] })
    const { entries, missing } = toolRegistry(settings, [await packageTool(more)])
    expect(entries.size).toBe(0)
    expect(missing).toEqual([{ name: 'count', because: expect.stringContaining('janus-tool-count') }])
  })

  test('is another tool once a file of its package, its manifest or its configuration has changed: what was approved is stale', async () => {
    const settings = await settingsWith({ tools: [COUNT] })
    const found = await packageTool()
    const digest = async (tool: FoundTool, configured = settings) =>
      (await resolve(toolRegistry(configured, [tool]).entries.get('count'), ['a'])).manifest
    const first = await digest(found)
    expect(await digest(found)).toBe(first)
    const { manifest } = found
    for (const change of [
      { idempotent: false },
      { sideEffects: 'workspace' },
      { summary: 'counts' },
      { arguments: { ...manifest.arguments, options: [{ names: ['-w'] }] } },
      { probe: ['/bin/true'] },
    ] as const)
      expect(await digest({ ...found, manifest: { ...manifest, ...change } })).not.toBe(first)
    expect(await digest(found, await settingsWith({ tools: [{ ...COUNT, idempotent: false }] }))).not.toBe(first)
    await writeFile(join(found.directory, 'lib.sh'), 'anything\n')
    const second = await digest(found)
    expect(second).not.toBe(first)
    await chmod(join(found.directory, 'lib.sh'), 0o755)
    expect(await digest(found)).not.toBe(second)
    await rm(found.directory, { recursive: true })
    await expect(digest(found)).rejects.toMatchObject({ code: 'JANUS_AGENT_STALE' })
  })

  test('has no network that its author did not ask for, whatever is configured', async () => {
    const settings = await settingsWith({ tools: [{ ...COUNT, allow_network: true }] })
    const entry = toolRegistry(settings, [await packageTool()]).entries.get('count')
    expect(entry?.allow_network).toBe(false)
    await expect(resolve(entry, ['a'], ['example.org'])).rejects.toMatchObject({ code: 'JANUS_AGENT_STALE' })
  })
})

describe('a configured tool', () => {
  test('that says nothing of itself is taken for the worst', async () => {
    const { entries } = toolRegistry(await settingsWith({ tools: [{ name: 'own', command: ['/bin/ls'] }] }))
    expect(entries.get('own')?.manifest).toMatchObject({
      sideEffects: 'outside',
      network: false,
      writes: true,
      idempotent: false,
      reversible: false,
      interpreter: false,
    })
    const { entries: shells } = toolRegistry(await settingsWith({ tools: [{ name: 'own', command: ['bash', '-c'] }] }))
    expect(shells.get('own')?.manifest.interpreter).toBe(true)
  })

  test('of the name of a built-in one has its grammar, whatever program it names, unless it brings its own', async () => {
    const tools = [
      { name: 'rg', command: ['/opt/rg'] },
      { name: 'shell', command: ['/bin/bash', '-c'] },
      { name: 'jq', command: ['/opt/jq'], arguments: { options: [], positionals: [] } },
    ]
    const { entries } = toolRegistry(await settingsWith({ tools: tools as never }))
    expect(entries.get('rg')).toMatchObject({ command: ['/opt/rg'], source: 'built-in' })
    expect(entries.get('rg')?.manifest.arguments.options.length).toBeGreaterThan(10)
    expect(entries.get('shell')).toMatchObject({ command: [], commandLine: true, source: 'built-in' })
    expect(entries.get('jq')?.manifest.arguments.positionals).toEqual([])
  })

  test.each([
    ['{name: nothing}', 'a tool without command and package is one of shell'],
    ['{name: rg, command: [rg], package: x}', 'a tool has a command, or a package that brings it'],
    ['{name: x, command: [./x]}', 'must begin with a name or an absolute path'],
    [
      '{name: x, command: [x], arguments: {options: [{names: ["--a", "-b"]}, {names: ["-b"]}]}}',
      'names the option -b twice',
    ],
    ['{name: x, command: [x], arguments: {options: [{names: ["--"]}]}}', 'must be written like -n or --name'],
    [
      '{name: x, command: [x], arguments: {positionals: [{name: a, value: {kind: pattern, pattern: "(a+)+"}}]}}',
      'repeats a group',
    ],
    ['{name: x, command: [x], side_effect: none}', 'side_effect'],
  ])('%s is refused', async (tool, problem) => {
    await expect(parseSettings(`tools: [${tool}]`, 'agent.yaml')).rejects.toThrow(problem)
  })

  test('without a model there is no llama-cli, and the registry says so', async () => {
    const { missing } = toolRegistry(await settingsWith({ tools: [{ name: 'llama-cli' }] }))
    expect(missing).toEqual([{ name: 'llama-cli', because: expect.stringContaining('llm.model_path') }])
  })
})

test('an executor judges what the generator printed by its gates, and nothing of other tools', async () => {
  const settings = await settingsWith({ tools: [{ name: 'node_generator' }, { name: 'rg' }] })
  const { judge } = executorTools(toolRegistry(settings))
  expect(judge?.('rg', 'no JSON')).toEqual({ warnings: [] })
  expect(judge?.('node_generator', 'no JSON').failure).toContain('parse_error')
  const quality = { stub_ratio: 0, relationship_density: 1 }
  const summary = { target_min: 10, generated: 7, quality }
  expect(judge?.('node_generator', JSON.stringify({ summary }))).toEqual({
    warnings: ['node_count: 7 nodes, better 8'],
  })
  expect(judge?.('node_generator', JSON.stringify({ summary: { ...summary, generated: 1 } })).failure).toBe(
    'the quality gates are closed: insufficient_node_count: 1 nodes, at least 5',
  )
})

describe('what a grammar does not take', () => {
  test('is refused when it is proposed, with the argument and the reason, before anybody reviews it', async () => {
    const record = await memoryRecord()
    const draft = sampleDraft({ tool_args: ['--pre=id', 'x'] })
    await expect(
      proposeAction(record, proposeContext(), { draft, by: { kind: 'agent', name: 'a' } }),
    ).rejects.toMatchObject({
      code: 'JANUS_AGENT_PROPOSAL_INVALID',
      message: expect.stringContaining('argument 1 "--pre=id" is none of'),
      data: { rule: 'arguments', argument: 'argument 1 "--pre=id"' },
    })
    const rollback = { tool_name: 'list', tool_args: ['--exec'] }
    await expect(
      proposeAction(record, proposeContext(), { draft: sampleDraft({ rollback }), by: { kind: 'agent', name: 'a' } }),
    ).rejects.toMatchObject({ data: { rule: 'arguments' } })
    expect(record.state.open.size).toBe(0)
  })

  test('is stale when it is resolved: a grammar may have become narrower since', async () => {
    const settings = await settingsWith({ tools: [{ name: 'rg' }] })
    await expect(resolve(toolRegistry(settings).entries.get('rg'), ['--pre=id', 'x'])).rejects.toMatchObject({
      code: 'JANUS_AGENT_STALE',
      message: expect.stringContaining('argument 1'),
    })
  })
})
