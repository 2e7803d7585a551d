import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { createLiveHost } from '@janus/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { diagnoseAgent } from '../packages/agent/src/doctor/diagnose-agent.js'
import {
  type Agent,
  type AgentStatus,
  openConfiguredAgent,
  type ProposalRecord,
  type ProposalRow,
  type StopReport,
  type ThinkingReport,
} from '../packages/agent/src/index.js'
import { type FaultServer, startFaultServer } from '../packages/agent/test/support/fault-server.js'
import { HOSTILE_BEHAVIOURS } from '../packages/agent/test/support/hostile-behaviours.js'
import { eventually, markedProcesses } from '../packages/agent/test/support/marked-processes.js'
import { goodProposal } from '../packages/agent/test/support/thinking.js'
import { type AgentMachine, agentMachine, type Daemon } from './agent-end-to-end/agent-machine.js'

// The packages as `npm ci` or `npm test` built them: the daemon and every command are processes of their own, and the server of the model is one on the loopback
// interface that answers from a script.

const DECLARED = 'side_effects: workspace, writes: true, idempotent: true, reversible: true'
const MEBIBYTE = 1024 * 1024
/** A server that says for how long it does not want to be asked is not asked again: here it would be an hour. */
const HOSTILE = HOSTILE_BEHAVIOURS.filter(([what]) => what !== '429 with Retry-After')
/** What a daemon may need at most while a server floods it. */
const MOST_MEMORY = 400 * MEBIBYTE

let machine: AgentMachine
let server: FaultServer
let daemon: Daemon

beforeAll(async () => {
  machine = await agentMachine()
  server = await startFaultServer()
  const llm = {
    base_url: server.baseUrl,
    missions_dir: `${machine.folder}/missions`,
    connect_timeout_seconds: 5,
    first_byte_timeout_seconds: 1,
    total_timeout_seconds: 1.5,
    breaker_failures: 2,
    breaker_pause_seconds: 86_400,
  }
  await machine.configure(
    `tools: [{name: mark, command: [/usr/bin/mktemp], ${DECLARED}}, {name: fail, command: [/usr/bin/false], ${DECLARED}}, {name: wait, command: [/usr/bin/sleep], ${DECLARED}}, {name: look, command: [/usr/bin/cat], ${DECLARED}}]`,
    `llm: ${JSON.stringify(llm)}`,
    'thinking_cycle: {cycle_interval_seconds: 86400, enable_autonomous_proposals: true}',
    'auto_executor: {enabled: true, poll_interval_seconds: 5, allowed_tools: [mark], allowed_action_types: [analysis]}',
  )
  // The daemon thinks once as soon as it is ready.
  server.script({ kind: 'proposals', proposals: [marking('first'), binding()] })
  daemon = await machine.daemon()
})

afterAll(async () => {
  await machine.close()
  await server.close()
})

/** Leaves a file of its own for each time it is run. */
function marking(name: string, more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return goodProposal({
    rationale: `A mark named ${name} is wanted where the weekly report looks for it`,
    expected_outcome: 'A new file',
    tool_name: 'mark',
    tool_args: [`${machine.effects}/${name}-XXXXXXXX`],
    ...more,
  })
}

/** Asks for the plan of a module. */
function binding(): Readonly<Record<string, unknown>> {
  const { tool_name: _name, tool_args: _args, rollback: _rollback, ...words } = goodProposal()
  return { ...words, module_name: 'gpu-template', module_options: { title: 'Displays' } }
}

async function ask<Answer>(work: (agent: Agent) => Promise<Answer>): Promise<Answer> {
  const { stateDirectory, config } = machine
  const agent = await openConfiguredAgent({ stateDirectory, config, purpose: 'a test' })
  try {
    expect(agent.via).toBe('socket')
    return await work(agent)
  } finally {
    await agent.close()
  }
}

const status = async (): Promise<AgentStatus> => (await machine.agent('status')) as AgentStatus
const rows = async (...more: readonly string[]): Promise<readonly ProposalRow[]> =>
  ((await machine.agent('proposals', 'list', ...more)) as { readonly proposals: readonly ProposalRow[] }).proposals
const record = async (id: string): Promise<ProposalRecord> =>
  ((await machine.agent('proposals', 'show', id)) as { readonly record: ProposalRecord }).record

/** Lets the model say something, and the agent think. */
async function think(...proposals: readonly unknown[]): Promise<ThinkingReport> {
  server.script({ kind: 'proposals', proposals })
  return (await machine.agent('think', '--once')) as ThinkingReport
}

/** What the model says is proposed, read and approved. @returns its id */
async function approved(proposal: unknown): Promise<string> {
  const { proposed, refused } = await think(proposal)
  expect(refused).toEqual([])
  const [id = ''] = proposed
  const { stdout } = await machine.janus('agent', 'review', id, '--config', machine.config)
  const { digest } = (await record(id)).proposal
  expect(stdout).toContain(digest)
  await machine.agent('approve', id, digest.slice(0, 16))
  return id
}

async function ended(id: string): Promise<ProposalRecord> {
  let found = await record(id)
  await eventually(`${id} has ended`, async () => {
    found = await ask((agent) => agent.show({ proposal: id }))
    return !['proposed', 'approved', 'executing'].includes(found.status)
  })
  return found
}

/** A line of the tool use log. */
interface ToolUsed {
  readonly proposal_id: string
  readonly metadata: { readonly stdout: { readonly text: string; readonly sha256: string } }
}

async function used(id: string): Promise<ToolUsed | undefined> {
  const lines = (await machine.view('tool_log')) as unknown as readonly ToolUsed[]
  return lines.find(({ proposal_id }) => proposal_id === id)
}

const roundsOf = ({ daemon: state }: AgentStatus, name: string): number =>
  state?.loops.find((loop) => loop.name === name)?.rounds ?? 0

describe('in alpha', () => {
  test('what a model says is proposed, a tool and a plan that its module made, and nothing of it is executed', async () => {
    await eventually('the daemon thought', async () => roundsOf(await status(), 'thinking') > 0)
    const { proposed } = await think(marking('second'))
    expect(proposed.length).toBe(1)
    const found = await rows('--status', 'proposed')
    expect(found.map(({ source }) => source).sort()).toEqual(['gpu-template', 'mark', 'mark'])
    const plan = found.find(({ source }) => source === 'gpu-template')
    const { stdout } = await machine.janus('agent', 'review', plan?.id ?? '', '--config', machine.config)
    expect(stdout).toContain('/run/janus-gpu-template.txt')
    // Two looks for what may run without a person.
    const before = roundsOf(await status(), 'auto-executor')
    await eventually('it looked twice', async () => roundsOf(await status(), 'auto-executor') >= before + 2)
    expect(await machine.left('')).toEqual([])
    expect(await machine.view('tool_log')).toEqual([])
    expect((await status()).counts).toMatchObject({ proposed: 3, approved: 0, executing: 0 })
  })

  test(`attack 28: of ${HOSTILE.length} hostile answers of the server of a model none makes a proposal, and the daemon lives, answers and keeps to its memory`, async () => {
    const waiting = (await status()).counts.proposed
    let good = 0
    for (const [what, behaviour] of HOSTILE) {
      server.script(behaviour)
      const report = await ask((agent) => agent.think())
      expect([what, report.proposed]).toEqual([what, []])
      expect(report.refused.map(({ code }) => code)).not.toContain('breaker-open')
      // What succeeds in between keeps the breaker closed.
      server.script({ kind: 'proposals', proposals: [marking(`good${good}`)] })
      const next = await ask((agent) => agent.think())
      expect([what, next.proposed.length, next.refused]).toEqual([what, 1, []])
      good += 1
    }
    expect((await status()).counts.proposed).toBe(waiting + good)
    expect(await machine.left('')).toEqual([])
    expect(await mostMemory(daemon.pid)).toBeLessThan(MOST_MEMORY)
  })
})

describe('what a person approves', () => {
  test('runs in the sandbox, and its end is in record, view and report', async () => {
    const id = await approved(
      goodProposal({
        rationale: 'What a run is shut in by is to be seen',
        tool_name: 'look',
        tool_args: ['/proc/self/status'],
      }),
    )
    expect((await ended(id)).status).toBe('completed')
    const line = await used(id)
    const { stdout } = line?.metadata ?? { stdout: { text: '', sha256: '' } }
    expect(stdout.text).toMatch(/^NoNewPrivs:\t1$/mu)
    expect(stdout.text).toMatch(/^Seccomp:\t2$/mu)
    expect(stdout.text).toMatch(/^CapEff:\t0+$/mu)
    expect(stdout.text).not.toMatch(/^Uid:\t0\t/mu)
    expect(stdout.sha256).toBe(createHash('sha256').update(stdout.text).digest('hex'))
    expect(line).toMatchObject({
      success: true,
      exit_status: 0,
      output_digest: expect.stringMatching(/^[0-9a-f]{64}$/u),
    })
    const verified = await machine.janus('agent', 'audit', 'verify', '--config', machine.config)
    expect(verified).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('intact') })
    const report = await machine.janus('agent', 'audit', 'report', '--config', machine.config)
    const [{ by } = { by: undefined }] = (await record(id)).decisions
    const name = by?.name ?? 'nobody'
    expect(report.stdout).toMatch(new RegExp(`^ +${name}.* 1 `, 'mu'))
  })

  test('runs once', async () => {
    const id = await approved(marking('approved'))
    expect((await ended(id)).status).toBe('completed')
    const again = await machine.janus(
      'agent',
      'approve',
      id,
      (await record(id)).proposal.digest,
      '--config',
      machine.config,
    )
    expect(again.stderr).toContain('JANUS_AGENT_ALREADY_DECIDED')
    expect((await machine.left('approved-')).length).toBe(1)
  })

  test('and fails is undone by the rollback that was approved with it', async () => {
    const rollback = { tool_name: 'mark', tool_args: [`${machine.effects}/undone-XXXXXXXX`] }
    const id = await approved(
      goodProposal({ rationale: 'This cannot be done and is tried once', tool_name: 'fail', tool_args: [], rollback }),
    )
    const { status: end, reason } = await ended(id)
    expect(end).toBe('failed')
    expect((await machine.left('undone-')).length).toBe(1)
    const line = await used(id)
    expect(line?.metadata).toMatchObject({ rollback: { outcome: 'completed' } })
    expect(reason?.text ?? '').toContain('its rollback undid it')
    expect((await status()).mode).toBe('alpha')
  })

  test.each([
    ['another user’s rights', ['/usr/bin/sudo', 'id']],
    ['a path that climbs', ['reports/../../../etc/shadow']],
    ['an option that nobody declared', ['--directory']],
  ])('was never %s: that is refused before a person sees it', async (_what, args) => {
    const { proposed, refused } = await think(marking('hostile', { tool_args: args }))
    expect(proposed).toEqual([])
    expect(refused).toEqual([expect.objectContaining({ code: 'JANUS_AGENT_PROPOSAL_INVALID' })])
  })
})

describe('everything is stopped by a command while a tool runs', () => {
  test('the run is gone and suspended, nothing starts until a person resumes, and then in alpha', async () => {
    const seconds = `86${process.pid}`
    const id = await approved(
      goodProposal({ rationale: 'Somebody has to wait for a long time', tool_name: 'wait', tool_args: [seconds] }),
    )
    await eventually('it runs', () => markedProcesses(`sleep\0${seconds}`).length > 0)
    const report = (await machine.agent('stop', '--reason', 'smoke in the rack')) as StopReport
    expect(markedProcesses(`sleep\0${seconds}`)).toEqual([])
    expect(report).toMatchObject({ cause: { summary: 'smoke in the rack' }, left: [], problems: [] })
    expect(await daemon.exited).toBe(0)
    expect((await record(id)).status).toBe('suspended')
    const refused = machine.startDaemon()
    expect(await refused.exited).toBe(1)
    expect(refused.said().join()).toMatch(/smoke in the rack.*janus agent resume/u)
    await machine.agent('resume', '--reason', 'the rack is cold again')
    daemon = await machine.daemon()
    expect(await status()).toMatchObject({ mode: 'alpha', emergency: null })
    expect(markedProcesses(`sleep\0${seconds}`)).toEqual([])
    const verified = await machine.janus('agent', 'audit', 'verify', '--config', machine.config)
    expect(verified.exitCode).toBe(0)
  })
})

describe('a server that fails again and again', () => {
  test('opens the breaker: it is asked no more, and status and doctor say so', async () => {
    await eventually('the daemon thought', async () => roundsOf(await status(), 'thinking') > 0)
    const asked = server.connections()
    server.script({ kind: 'hang' }, { kind: 'status', status: 500 })
    for (let times = 0; times < 2; times += 1) await ask((agent) => agent.think())
    const { obstacles = [] } = await status()
    expect(obstacles.map(({ code }) => code)).toContain('breaker-open')
    const { stateDirectory, config } = machine
    const found = await diagnoseAgent({
      host: createLiveHost(),
      janus: dirname(stateDirectory),
      env: { JANUS_STATE_DIR: dirname(stateDirectory) },
      uid: process.geteuid?.() ?? 0,
      config,
    })
    expect(found).toContainEqual(
      expect.objectContaining({ summary: expect.stringContaining('the model failed 2 times') }),
    )
    expect(server.connections()).toBe(asked + 2)
    const { proposed } = await think(marking('afterwards'))
    expect(proposed).toEqual([])
    expect(server.connections()).toBe(asked + 2)
  })
})

/** Peak of what it had resident, bytes; see proc_pid_status(5). */
async function mostMemory(pid: number): Promise<number> {
  const [, kibibytes] = /^VmHWM:\s+(\d+) kB$/mu.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kibibytes) * 1024
}
