import { execFile } from 'node:child_process'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { put } from './support/decision-context.js'
import { localAgent } from './support/local-agent.js'
import { sampleProposal } from './support/sample-proposal.js'

const PROGRAM = fileURLToPath(new URL('./support/decide-for-ever.ts', import.meta.url))
let folder: string

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-two-')))
})

afterEach(() => rm(folder, { recursive: true, force: true }))

interface Outcome {
  readonly won?: string
  readonly decision?: string
  readonly code?: string
  readonly told?: readonly (readonly string[])[]
}

interface Work {
  readonly directory: string
  readonly proposals: readonly (readonly [string, string])[]
}

async function decide(label: string, decision: string, work: readonly Work[]): Promise<readonly Outcome[]> {
  const args = ['--import', 'tsx', PROGRAM, JSON.stringify({ label, decision, work })]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 16 * 1024 * 1024 })
  return JSON.parse(stdout) as Outcome[]
}

async function prepare(name: string, count: number): Promise<Work> {
  const directory = join(folder, name)
  const agent = await localAgent(directory)
  const added = await Promise.all(Array.from({ length: count }, () => put(agent.record, sampleProposal())))
  await agent.close()
  return { directory, proposals: added.map(({ id, digest }) => [id, digest]) }
}

/** Of each pair one won, and the other knows which and what. */
function expectOneDecisionEach(first: readonly Outcome[], second: readonly Outcome[]): void {
  for (const [index, one] of first.entries()) {
    const other = second[index]
    const [winner, loser] = one.won === undefined ? [other, one] : [one, other]
    expect(winner?.won).toBeDefined()
    expect(loser).toEqual({ code: 'JANUS_AGENT_ALREADY_DECIDED', told: [[winner?.won, winner?.decision]] })
  }
}

describe('attack 9: two processes decide on one state directory', () => {
  test('without a daemon, six hundred times: each decision is made once, nobody is turned away, the loser knows who won', async () => {
    const work = await Promise.all(Array.from({ length: 12 }, (_, index) => prepare(`quiet-${index}`, 50)))
    const [first, second] = await Promise.all([decide('first', 'both', work), decide('second', 'both', work)])
    expect(first).toHaveLength(600)
    expectOneDecisionEach(first, second)
  }, 300_000)

  test('over the socket of a daemon, four hundred times, approving and rejecting', async () => {
    const work = await prepare('served', 400)
    const daemon = await localAgent(work.directory)
    await daemon.serve()
    const [first, second] = await Promise.all([decide('first', 'both', [work]), decide('second', 'both', [work])])
    expectOneDecisionEach(first, second)
    const decided: string[] = []
    for await (const { type, payload } of daemon.record.history()) {
      if (type === 'proposal-decided') decided.push(payload.proposal)
    }
    expect(decided).toHaveLength(400)
    expect(new Set(decided).size).toBe(400)
    await daemon.close()
  }, 300_000)
})
