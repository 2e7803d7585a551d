import { execFile } from 'node:child_process'
import { mkdtemp, readFile, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ANA, EXECUTOR, put } from './support/decision-context.js'
import { localAgent } from './support/local-agent.js'
import { sampleProposal } from './support/sample-proposal.js'

const PROGRAM = fileURLToPath(new URL('./support/execute-and-die.ts', import.meta.url))
let folder: string
let directory: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-killed-')))
  directory = join(folder, 'state')
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function approve(): Promise<string> {
  const agent = await localAgent(directory)
  const { id, digest } = await put(agent.record, sampleProposal())
  await agent.as({ actor: ANA, owner: false }).approve({ proposal: id, digest })
  await agent.close()
  return id
}

function executeAndDie(work: object): Promise<NodeJS.Signals | null | undefined> {
  return new Promise((resolve) => {
    const args = ['--import', 'tsx', PROGRAM, JSON.stringify(work)]
    execFile(process.execPath, args, (error) => resolve(error?.signal))
  })
}

describe('attack 15: kill -9 around the moment of execution', () => {
  test.each([
    ['before anything', { point: 'before', delay: 0 }, ['approved']],
    ['once the warrant was used up, before the program starts', { point: 'consumed', delay: 0 }, ['unknown']],
    ['once the program had its effect, before that is recorded', { point: 'effect', delay: 0 }, ['unknown']],
    ...[0, 1, 2, 3, 5, 8].map(
      (delay) =>
        [`${delay} ms after the execution was begun`, { point: 'during', delay }, ['approved', 'unknown']] as const,
    ),
  ] as const)('%s: at most one effect, and nothing is made up about it', async (_when, how, statuses) => {
    const proposal = await approve()
    const effects = join(folder, 'effects')
    expect(await executeAndDie({ ...how, directory, proposal, effects })).toBe('SIGKILL')
    const count = async () => (await readFile(effects, 'utf8').catch(() => '')).split('\n').length - 1
    const before = await count()
    const agent = await localAgent(directory)
    const { status } = await agent.as({ actor: ANA, owner: false }).show({ proposal })
    expect(statuses).toContain(status)
    if (status === 'approved') expect(before).toBe(0)
    // Whatever the executor tries next: what ran, or may have run, does not run again.
    const again = await agent.consume(proposal, EXECUTOR).then(
      () => true,
      (error: { code: string }) => error.code,
    )
    expect(again).toBe(status === 'approved' ? true : 'JANUS_AGENT_ALREADY_CONSUMED')
    expect(before + (again === true ? 1 : 0)).toBeLessThanOrEqual(1)
    expect(await agent.as({ actor: ANA, owner: false }).verifyRecord()).toMatchObject({ intact: true })
    await agent.close()
  })
})
