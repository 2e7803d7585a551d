import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createJanus } from '@janus/core'
import { runToolConformance, type ToolExample } from '@janus/core/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createRunSandbox,
  HARD_LIMITS,
  judgeNodes,
  type RunSandbox,
  type ToolEntry,
  toolRegistry,
  toolTrialRunner,
} from '../../src/index.js'
import { settingsWith } from '../settings/effects/setting-effect.js'

const EXAMPLE = fileURLToPath(new URL('../../../../examples/tools/csv-columns', import.meta.url))
const LIMITS = { ...HARD_LIMITS, memoryBytes: 1024 * 1024 * 1024, diskBytes: 16 * 1024 * 1024, wallSeconds: 60 }
const TEXT = Array.from(
  { length: 6 },
  (_, index) => `Check that memory pages are reserved before the kernel starts guest number ${index}.`,
).join('\n')

let folder: string
let sandbox: RunSandbox

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-in-sandbox-')))
  sandbox = createRunSandbox({
    program: '/usr/bin/bwrap',
    user: undefined,
    root: join(folder, 'workspaces'),
    mostRuns: 1,
    toolUsers: { firstUid: 4310, firstGid: 4310, count: 1 },
  })
  expect(await sandbox.selfTest()).toMatchObject({ holds: true })
})

afterAll(async () => {
  await sandbox?.close()
  await rm(folder, { recursive: true, force: true })
})

async function entryOf(name: string): Promise<ToolEntry> {
  const settings = await settingsWith({ tools: [{ name }] })
  const entry = toolRegistry(settings).entries.get(name)
  if (entry === undefined) throw new Error(`there is no ${name}`)
  return entry
}

async function conforms(entry: ToolEntry, examples: readonly ToolExample[]): Promise<void> {
  const report = await runToolConformance(entry.manifest, examples, toolTrialRunner(entry, { sandbox, limits: LIMITS }))
  expect(report.results.filter(({ ok }) => !ok)).toEqual([])
  expect(report).toMatchObject({ tool: entry.name, untried: [] })
}

test.each<readonly [string, ToolExample]>([
  ['jq', { title: 'a filter', args: ['-r', '.a', 'data.json'], files: { 'data.json': '{"a":"b"}' } }],
  ['file_chunker', { title: 'a text', args: ['--chunk-size-lines', '2', 'a.txt'], files: { 'a.txt': TEXT } }],
  [
    'node_generator',
    {
      title: 'two texts',
      args: ['--target', '3', '--output', 'nodes.json', 'a.md', 'b.md'],
      files: { 'a.md': TEXT, 'b.md': TEXT },
    },
  ],
  ['shell', { title: 'a count', args: ['wc', '-l', 'a.txt'], files: { 'a.txt': TEXT } }],
])(
  '%s conforms in the sandbox, with what it is shown and nothing else',
  async (name, example) => {
    const entry = await entryOf(name)
    // What a line of the tool shell writes is told by its own declaration.
    await conforms(name === 'shell' ? { ...entry, manifest: { ...entry.manifest, command: ['wc'] } } : entry, [example])
  },
  120_000,
)

test('the quality gates judge what the generator printed there', async () => {
  const entry = await entryOf('node_generator')
  const trial = await toolTrialRunner(entry, { sandbox, limits: LIMITS })(undefined, {
    what: 'run',
    args: ['--target', '3', 'a.md', 'b.md'],
    kwargs: {},
    files: { 'a.md': Buffer.from(TEXT), 'b.md': Buffer.from(TEXT) },
  })
  expect(judgeNodes(trial.output)).toMatchObject({ passed: true })
}, 60_000)

test('the example of a package conforms: found as data, run in the sandbox, and asked by its probe', async () => {
  const janus = createJanus({ sources: [{ kind: 'package', path: EXAMPLE }] })
  const discovered = await janus.tools()
  await janus.close()
  const settings = await settingsWith({ tools: [{ name: 'csv_columns', package: 'janus-example-csv-columns' }] })
  const { entries, missing } = toolRegistry(settings, discovered)
  expect(missing).toEqual([])
  const entry = entries.get('csv_columns')
  if (entry === undefined) throw new Error('it was not found')
  await conforms(entry, [
    {
      title: 'a table',
      args: ['--delimiter', ';', 'table.csv', 'columns.json'],
      files: { 'table.csv': 'name;size\na;1\nb;\n' },
    },
  ])
}, 120_000)
