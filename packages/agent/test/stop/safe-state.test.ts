import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { verifySegmentedLedger } from '@janus/core/ledger'
import { createMemoryLogger } from '@janus/core/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runAgentCommand } from '../../src/commands/run-agent-command.js'
import { openConfiguredAgent, openConfiguredLocalAgent } from '../../src/index.js'
import { ANA, force, put } from '../support/decision-context.js'
import { sampleProposal } from '../support/sample-proposal.js'

let folder: string
let stateDirectory: string
let config: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-safe-')))
  stateDirectory = join(folder, 'state')
  config = join(folder, 'agent.yaml')
  const lines = [
    'vessel_id: janus-in-balaur',
    `sandbox: {root: ${join(folder, 'workspaces')}}`,
    `logging: {approval_queue: ${join(folder, 'queue.jsonl')}}`,
    `kill_switch: {emergency_stop_file: ${join(folder, 'EMERGENCY_STOP')}}`,
  ]
  await writeFile(config, lines.join('\n'), { mode: 0o600 })
  await mkdir(join(folder, 'workspaces', 'janus-1'), { recursive: true })
  await writeFile(join(folder, 'workspaces', 'janus-1', 'left.txt'), 'evidence')
  const { record, close } = await openConfiguredLocalAgent(where())
  const [waiting, approved] = [await put(record, sampleProposal()), await put(record, sampleProposal())]
  await force(record, approved.id, 'approved')
  const payload = { from: 'alpha', to: 'beta', by: ANA, because: 'a test', evidence: null } as const
  await record.commit(() => ({ events: [{ type: 'mode-changed', payload }], answer: undefined }))
  expect(waiting.id).not.toBe(approved.id)
  await close()
})

afterEach(() => rm(folder, { recursive: true, force: true }))

const where = () => ({ stateDirectory, config, purpose: 'a test' })

function run(...args: readonly string[]) {
  return runAgentCommand(
    {
      program: 'janus agent',
      context: {
        log: createMemoryLogger(),
        signal: new AbortController().signal,
        open: () => Promise.reject(new Error('no facade is needed')),
        print: () => undefined,
        confirm: async ({ yes }) => {
          if (!yes) throw new Error('declined')
        },
        mutate: (work) => work(),
      },
      stateDirectory: async () => stateDirectory,
      openLocal: () => openConfiguredLocalAgent(where()),
      open: ({ readOnly }) => openConfiguredAgent({ ...where(), readOnly }),
    },
    [...args, '--config', config],
  )
}

test('puts everything aside, deletes nothing, suspends what waited, and is in alpha with nothing that stands', async () => {
  const { data } = await run('safe-state', '--reason', 'it did what nobody expected', '--yes')
  const { directory, workspaces, suspended } = data as Readonly<Record<string, string>>
  expect(suspended).toHaveLength(1)
  expect(await readFile(join(workspaces ?? '', 'janus-1', 'left.txt'), 'utf8')).toBe('evidence')
  expect((await readdir(directory ?? '')).sort()).toEqual(['head.json', 'queue.jsonl', 'record'])
  expect((await verifySegmentedLedger(join(directory ?? '', 'record'))).damage).toBeUndefined()
  const agent = await openConfiguredAgent(where())
  expect(await agent.status()).toMatchObject({ mode: 'alpha', emergency: null, counts: { suspended: 2, proposed: 0 } })
  expect(await agent.verifyRecord()).toMatchObject({ intact: true })
  await agent.close()
})

test('a dry run changes nothing, and without a reason nothing is done', async () => {
  const before = await readdir(folder, { recursive: true })
  const { text } = await run('safe-state', '--dry-run')
  expect(text).toContain('would be suspended')
  await expect(run('safe-state', '--yes')).rejects.toMatchObject({ code: 'JANUS_USAGE' })
  expect(await readdir(folder, { recursive: true })).toEqual(before)
})
