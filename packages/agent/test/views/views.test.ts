import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFile,
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ExecutionResult, ViewOptions } from '../../src/index.js'
import type { LocalAgent } from '../../src/local/local-agent.js'
import { deriveView } from '../../src/views/derive-view.js'
import type { AppendedView } from '../../src/views/project-views.js'
import { ANA, EXECUTOR, force, put } from '../support/decision-context.js'
import { localAgent } from '../support/local-agent.js'
import { sampleProposal } from '../support/sample-proposal.js'
import { type SettableClock, settableClock } from '../support/settable-clock.js'
import { viewOptions } from '../support/view-options.js'

const PROGRAM = fileURLToPath(new URL('../support/record-for-ever.ts', import.meta.url))
const RESULT: ExecutionResult = {
  outcome: 'completed',
  summary: 'listed 12 programs',
  exitStatus: 0,
  runtimeSeconds: 12.34,
  argumentsHash: 'a'.repeat(64),
  outputDigest: 'b'.repeat(64),
  cpuPercent: 3.5,
  memoryMb: 20,
  details: {},
}

let folder: string
let views: string
let directory: string
let clock: SettableClock
let opened: LocalAgent[]

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-views-')))
  views = join(folder, 'logs')
  directory = join(folder, 'state')
  await mkdir(views)
  clock = settableClock()
  opened = []
})

afterEach(async () => {
  for (const agent of opened) await agent.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(more: Partial<ViewOptions> = {}): Promise<LocalAgent> {
  const agent = await localAgent(directory, { clock, views: viewOptions(views, more) })
  opened.push(agent)
  return agent
}

type Line = Readonly<Record<string, unknown>>

const text = (name: string): Promise<string> => readFile(join(views, name), 'utf8')
const lines = async (name: string): Promise<readonly Line[]> =>
  (await text(name))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)

/** A proposal from its beginning to its end. */
async function live(agent: LocalAgent, result: ExecutionResult = RESULT): Promise<string> {
  const { id, digest } = await put(agent.record, sampleProposal())
  await agent.as({ actor: ANA, owner: false }).approve({ proposal: id, digest })
  await agent.consume(id, EXECUTOR)
  await agent.conclude(id, result, EXECUTOR)
  return id
}

async function alarms(agent: LocalAgent): Promise<readonly { readonly path: string; readonly summary: string }[]> {
  const found = []
  for await (const event of agent.record.history()) if (event.type === 'integrity-alarm') found.push(event.payload)
  return found
}

async function derived(agent: LocalAgent, view: AppendedView): Promise<string> {
  let all = ''
  for await (const line of deriveView(agent.record, view, { seq: agent.record.durable.seq, from: '' })) all += line
  return all
}

describe('the views of the documents', () => {
  test('tell the life of a proposal: the last line of the proposals log is where it stands', async () => {
    const agent = await open()
    const id = await live(agent)
    await agent.tick()
    const told = await lines('proposals.jsonl')
    expect(told.map(({ proposal_id, status }) => [proposal_id, status])).toEqual([
      [id, 'proposed'],
      [id, 'approved'],
      [id, 'executing'],
      [id, 'completed'],
    ])
    expect(told.at(-1)).toMatchObject({
      vessel_id: 'janus-in-balaur',
      mission_context: 'Keep the machine tidy',
      action_type: 'analysis',
      risk_level: 'low',
      tool_name: 'list',
      tool_args: ['-l', '/usr'],
      tool_kwargs: {},
      approval_source: 'ana (uid 1001)',
      execution_result: { returncode: 0, quality_summary: 'listed 12 programs' },
    })
    expect(await lines('tool_use.jsonl')).toMatchObject([
      {
        action_id: id,
        proposal_id: id,
        tool: await realpath('/bin/ls'),
        arguments_hash: RESULT.argumentsHash,
        output_digest: RESULT.outputDigest,
        runtime_seconds: 12.34,
        cpu_percent: 3.5,
        memory_mb: 20,
        exit_status: 0,
        success: true,
      },
    ])
    expect((await lines('mission_log.jsonl')).map(({ mission, status }) => [mission, status])).toEqual(
      ['proposed', 'approved', 'executing', 'completed'].map((status) => ['Keep the machine tidy', status]),
    )
  })

  test('have in the approval queue what waits, once, and nothing else', async () => {
    const agent = await open()
    const first = await put(agent.record, sampleProposal())
    const second = await put(agent.record, sampleProposal())
    await agent.tick()
    expect((await lines('approval_queue.jsonl')).map(({ proposal_id }) => proposal_id)).toEqual([first.id, second.id])
    await agent.as({ actor: ANA, owner: false }).reject({ proposal: first.id, reason: 'not now' })
    await agent.tick()
    expect(await lines('approval_queue.jsonl')).toEqual([
      {
        proposal_id: second.id,
        timestamp: '2026-03-01T12:00:00.000Z',
        action_type: 'analysis',
        risk_level: 'low',
        summary: {
          rationale: 'The list of programs is needed for the weekly report',
          expected_outcome: 'A list of programs',
          tool: 'list',
        },
      },
    ])
  })

  test('say in the seven words of the documents where a proposal stands, and beside it in the own ones', async () => {
    const agent = await open()
    const { id } = await put(agent.record, sampleProposal())
    await force(agent.record, id, 'expired')
    await agent.tick()
    expect((await lines('proposals.jsonl')).at(-1)).toMatchObject({
      status: 'rejected',
      metadata: { janus_status: 'expired' },
    })
  })

  test.each(['agent.log', 'tool_use.jsonl'])(
    'have in %s every member of the sample lines, of the same kind',
    async (name) => {
      const samples = await readFile(new URL('../fixtures/source/4-line-488.jsonl', import.meta.url), 'utf8')
      const [event, use] = samples
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Line)
      const sample = name === 'agent.log' ? event : use
      const agent = await open()
      const id = await live(agent)
      await agent.tick()
      const line = (await lines(name)).find(({ action_id }) => action_id === id)
      const kinds = (of: Line | undefined) => Object.entries(of ?? {}).map(([member, value]) => [member, typeof value])
      expect(kinds(line)).toEqual(expect.arrayContaining(kinds(sample)))
      if (name === 'agent.log') expect(Object.keys(line ?? {})).toEqual(Object.keys(event ?? {}))
    },
  )

  test('are told to the journal of a service as well, in the names of the documents', async () => {
    const told: string[] = []
    const agent = await open({ onLines: (more) => told.push(more) })
    await live(agent)
    await agent.tick()
    expect(told.join('')).toBe(await text('agent.log'))
    expect((await lines('agent.log')).map(({ event_type }) => event_type)).toEqual([
      'agent.record_created',
      'agent.record_anchored',
      'approval_workflow.submitted',
      'agent.online',
      'approval_workflow.approved',
      'tool_executor.pre_checks_passed',
      'tool_executor.start',
      'auto_executor.execution_completed',
      'tool_executor.success',
    ])
  })

  test('tell in full detail every event, and why a proposal has its risk', async () => {
    const agent = await open({ detail: { everyEvent: true, proposalReasons: true } })
    await live(agent)
    await agent.tick()
    const told = await lines('agent.log')
    expect(told.map(({ event_type }) => event_type)).toContain('approval_workflow.warrant_issued')
    expect(told.find(({ event_type }) => event_type === 'approval_workflow.submitted')?.summary).toContain(
      '(its author says so; novelty 1)',
    )
  })

  test('are not for everybody to read', async () => {
    const agent = await open()
    await live(agent)
    await agent.tick()
    for (const name of await readdir(views)) expect((await stat(join(views, name))).mode & 0o007).toBe(0)
  })
})

describe('the views and the record', () => {
  test('go on where the last process ended, to the byte as if there had been one', async () => {
    for (let count = 0; count < 3; count += 1) {
      const agent = await open()
      await live(agent)
      await put(agent.record, sampleProposal())
      await agent.close()
    }
    const agent = await open()
    await agent.tick()
    expect(await text('proposals.jsonl')).toBe(await derived(agent, 'proposalsLog'))
    expect(await text('tool_use.jsonl')).toBe(await derived(agent, 'toolLog'))
    expect(await lines('approval_queue.jsonl')).toHaveLength(3)
    expect(await alarms(agent)).toEqual([])
    const log = await lines('agent.log')
    expect(log.filter(({ event_type }) => event_type === 'agent.online')).toHaveLength(3)
  })

  test('agree when more happened at once than may wait', async () => {
    const agent = await open({ mostWaiting: 3 })
    await Promise.all(Array.from({ length: 200 }, () => put(agent.record, sampleProposal())))
    await live(agent)
    await agent.tick()
    expect(await text('proposals.jsonl')).toBe(await derived(agent, 'proposalsLog'))
    expect(await text('mission_log.jsonl')).toBe(await derived(agent, 'missionLog'))
    expect(await lines('approval_queue.jsonl')).toHaveLength(200)
    expect(
      (await lines('agent.log')).filter(({ event_type }) => event_type === 'approval_workflow.submitted'),
    ).toHaveLength(201)
    expect(await alarms(agent)).toEqual([])
  })

  test('agree when another process wrote the record and had no views', async () => {
    const first = await open()
    await live(first)
    await first.close()
    const without = await localAgent(directory, { clock })
    await live(without)
    await without.close()
    const agent = await open()
    await agent.tick()
    expect(await text('proposals.jsonl')).toBe(await derived(agent, 'proposalsLog'))
    expect(await lines('tool_use.jsonl')).toHaveLength(2)
    expect(await alarms(agent)).toEqual([])
  })

  test('agree after kill -9 at any moment, and what was cut off is no alarm', async () => {
    for (const wait of [0, 5, 20, 50, 120]) {
      const process_ = spawn(process.execPath, ['--import', 'tsx', PROGRAM, JSON.stringify({ directory, views })])
      await once(process_.stdout, 'data')
      await delay(wait)
      process_.kill('SIGKILL')
      await once(process_, 'close')
      const agent = await open()
      await agent.tick()
      expect(await text('proposals.jsonl')).toBe(await derived(agent, 'proposalsLog'))
      expect(await lines('approval_queue.jsonl')).toHaveLength(agent.record.state.counts.proposed)
      expect(await alarms(agent)).toEqual([])
      await agent.close()
    }
  })

  test('forget executions after a year and no mission ever', async () => {
    const first = await open()
    await live(first)
    await first.close()
    clock.pass(400 * 24 * 3600)
    const agent = await open()
    const id = await live(agent)
    await agent.tick()
    expect((await lines('tool_use.jsonl')).map(({ action_id }) => action_id)).toEqual([id])
    expect(await lines('mission_log.jsonl')).toHaveLength(8)
    expect(await alarms(agent)).toEqual([])
  })

  test('make no difference to the agent when they cannot be written: it says so, and writes them when it can', async () => {
    await rm(views, { recursive: true })
    const agent = await open()
    await live(agent)
    await agent.tick()
    const { viewProblems } = await agent.as({ actor: ANA, owner: true }).status()
    expect(viewProblems.map(({ path, summary }) => [path, summary])).toContainEqual([
      join(views, 'proposals.jsonl'),
      'its directory does not exist',
    ])
    await mkdir(views)
    await agent.tick()
    expect((await agent.as({ actor: ANA, owner: true }).status()).viewProblems).toEqual([])
    expect(await text('proposals.jsonl')).toBe(await derived(agent, 'proposalsLog'))
  })

  test('are not written into a directory that others may write', async () => {
    await chmod(views, 0o777)
    const agent = await open()
    await live(agent)
    await agent.tick()
    expect(await readdir(views)).toEqual([])
    const [problem] = (await agent.as({ actor: ANA, owner: true }).status()).viewProblems
    expect(problem?.summary).toContain('may be written by other users')
  })
})

describe('attack 10: what is written into the files is no decision', () => {
  test.each([
    ['approval_queue.jsonl', { approved: true }],
    ['proposals.jsonl', { status: 'approved', approval_source: 'first_citizen' }],
    ['tool_use.jsonl', { success: true }],
    ['mission_log.jsonl', { status: 'active' }],
  ])('a line in %s changes nothing, is an integrity alarm, and is set aside', async (name, claim) => {
    const agent = await open()
    const { id } = await put(agent.record, sampleProposal())
    await live(agent)
    await agent.tick()
    const before = await text(name)
    const forged = `${JSON.stringify({ proposal_id: id, ...claim })}\n`
    await appendFile(join(views, name), forged)
    await agent.tick()
    expect(agent.record.state.open.get(id)).toMatchObject({ status: 'proposed', decisions: [] })
    expect(await text(name)).toBe(before)
    const [alarm, ...more] = await alarms(agent)
    expect(more).toEqual([])
    expect(alarm?.path).toBe(join(views, name))
    const aside = alarm?.summary.split(' lies in ')[1] ?? ''
    expect(await readFile(aside, 'utf8')).toBe(before + forged)
    expect((await lines('agent.log')).at(-1)).toMatchObject({ event_type: 'controls.anomaly.integrity' })
  })

  test('a line that was changed while nobody looked is found by the next process', async () => {
    const first = await open()
    await live(first)
    await first.close()
    const path = join(views, 'proposals.jsonl')
    await writeFile(path, (await readFile(path, 'utf8')).replaceAll('completed', 'approved!'))
    const agent = await open()
    await agent.tick()
    expect(await alarms(agent)).toMatchObject([
      { path, summary: expect.stringContaining('line 4 is not of the record') },
    ])
    expect(await text('proposals.jsonl')).toBe(await derived(agent, 'proposalsLog'))
  })

  test('a link in the place of a view is not followed', async () => {
    const target = join(folder, 'target')
    await writeFile(target, 'precious\n')
    await symlink(target, join(views, 'proposals.jsonl'))
    const agent = await open()
    await live(agent)
    await agent.tick()
    expect(await readFile(target, 'utf8')).toBe('precious\n')
    expect(await text('proposals.jsonl')).toBe(await derived(agent, 'proposalsLog'))
  })
})
