import { appendFile, cp, mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJanus } from '@janus/core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createExecutor,
  createRunSandbox,
  createSystemClock,
  executorTools,
  HARD_LIMITS,
  type LocalAgent,
  type RunSandbox,
  type ToolAction,
  type ToolExecutor,
  toolRegistry,
} from '../../src/index.js'
import { settingsWith } from '../settings/effects/setting-effect.js'
import { EXECUTOR, RESOLVE } from '../support/decision-context.js'
import { approved, noPlans } from '../support/executing-agent.js'
import { localAgent } from '../support/local-agent.js'

const EXAMPLE = fileURLToPath(new URL('../../../../examples/tools/csv-columns', import.meta.url))
const LIMITS = { ...HARD_LIMITS, memoryBytes: 1024 * 1024 * 1024, diskBytes: 16 * 1024 * 1024, wallSeconds: 60 }

let folder: string
let sandbox: RunSandbox
let agent: LocalAgent
let executor: ToolExecutor

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-executed-')))
  await cp(EXAMPLE, join(folder, 'package'), { recursive: true })
  const janus = createJanus({ sources: [{ kind: 'package', path: join(folder, 'package') }] })
  const discovered = await janus.tools()
  await janus.close()
  const tools = [
    { name: 'shell' },
    { name: 'node_generator' },
    { name: 'csv_columns', package: 'janus-example-csv-columns' },
  ]
  const registry = toolRegistry(await settingsWith({ tools }), discovered)
  const clock = createSystemClock()
  agent = await localAgent(join(folder, 'state'), {
    clock,
    resolving: () => ({ ...RESOLVE, tool: (name) => registry.entries.get(name), limits: LIMITS }),
  })
  sandbox = createRunSandbox({
    program: '/usr/bin/bwrap',
    user: undefined,
    root: join(folder, 'workspaces'),
    mostRuns: 1,
    toolUsers: { firstUid: 4320, firstGid: 4320, count: 1 },
  })
  expect(await sandbox.selfTest()).toMatchObject({ holds: true })
  executor = createExecutor({
    agent,
    sandbox,
    tools: executorTools(registry),
    plans: noPlans,
    stopped: () => undefined,
    clock,
  })
})

afterAll(async () => {
  await sandbox?.close()
  await agent?.close()
  await rm(folder, { recursive: true, force: true })
})

const action = (tool: string, ...args: readonly string[]): ToolAction => ({
  kind: 'tool',
  tool,
  args,
  kwargs: {},
  network: [],
})

test('a line of the tool shell reaches its program as words, and no shell is between', async () => {
  const id = await approved(agent, action('shell', "echo '$(id) | cat; `id` *'"))
  const { status, result } = await executor.execute(id, EXECUTOR)
  expect(result).toMatchObject({ outcome: 'completed' })
  expect(status).toBe('completed')
  expect(result.details).toMatchObject({ stdout: { text: '$(id) | cat; `id` *\n' } })
}, 60_000)

test('a tool that does not find its input has failed', async () => {
  const { status, result } = await executor.execute(
    await approved(agent, action('node_generator', 'none.md')),
    EXECUTOR,
  )
  expect(status).toBe('failed')
  expect(result).toMatchObject({ outcome: 'failed', code: 'EXIT_STATUS' })
  expect(result.details).toMatchObject({ stderr: { text: expect.stringContaining('none.md') } })
}, 60_000)

test('attack 7: a tool of a package whose files change between approval and start does not run', async () => {
  const id = await approved(agent, action('csv_columns', 'table.csv', 'columns.json'))
  await appendFile(join(folder, 'package/csv_columns.py'), '\nprint("something else")\n')
  await expect(executor.execute(id, EXECUTOR)).rejects.toMatchObject({ code: 'JANUS_AGENT_STALE' })
}, 60_000)
