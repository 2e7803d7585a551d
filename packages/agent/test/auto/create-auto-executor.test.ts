import { mkdirSync } from 'node:fs'
import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type AgentEvent,
  type AutoExecutor,
  createAutoExecutor,
  createExecutionQueue,
  createExecutor,
  type ExecutionQueue,
  type FailureAlert,
  governBySettings,
  isPlaybookUnderWay,
  type LiveConditions,
  type LocalAgent,
  type OperationalMode,
  openLocalAgent,
  type Playbook,
  parseSettings,
} from '../../src/index.js'
import { executorTools } from '../../src/tools/executor-tools.js'
import { toolRegistry } from '../../src/tools/tool-registry.js'
import { bareSandbox } from '../support/bare-sandbox.js'
import { ANA } from '../support/decision-context.js'
import { noPlans } from '../support/executing-agent.js'
import { sampleDraft } from '../support/propose-context.js'
import { settableClock } from '../support/settable-clock.js'

const DECLARED = 'side_effects: none, writes: false, idempotent: true, reversible: true'
const CONFIG = {
  mode: 'operational_mode: omega',
  tools: `tools: [{name: count, command: [/usr/bin/true], ${DECLARED}}, {name: fail, command: [/usr/bin/false], ${DECLARED}}]`,
  auto: 'auto_executor: {enabled: true, allowed_tools: [count, fail], allowed_action_types: [analysis]}',
  workflow: 'approval_workflow: {notification_enabled: false}',
}
const author = { actor: { kind: 'agent', name: 'thinking-cycle' }, owner: false } as const
const by = { kind: 'agent', name: 'auto-executor' } as const

let folder: string
let agent: LocalAgent
let queue: ExecutionQueue
let auto: AutoExecutor
let alerts: FailureAlert[]
let problems: unknown[]
let live: LiveConditions
let started: readonly number[]
/** What a run waits for before it is started: a place. */
let place: () => Promise<void>

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-auto-')))
  alerts = []
  problems = []
  live = {}
  place = async () => undefined
})

afterEach(async () => {
  await auto.close()
  await queue.stop()
  await agent.close()
  await rm(folder, { recursive: true, force: true })
})

async function commit(...events: readonly AgentEvent[]): Promise<void> {
  await agent.record.commit(() => ({ events, answer: undefined }))
}

async function open(config: Partial<typeof CONFIG> = {}, mode: OperationalMode = 'beta'): Promise<void> {
  const loaded = await parseSettings(Object.values({ ...CONFIG, ...config }).join('\n'), 'agent.yaml')
  const clock = settableClock()
  agent = await openLocalAgent({
    stateDirectory: join(folder, 'state'),
    purpose: 'a test',
    vesselId: loaded.settings.vessel_id,
    clock,
    version: '0.0.0',
    govern: governBySettings({ loaded, bootId: 'boot-1', ownUid: 0, live: () => live }),
  })
  if (mode !== 'alpha') {
    const system = { kind: 'system', name: 'test' } as const
    const payload = { from: 'alpha', to: mode, by: system, because: 'promotion', evidence: null } as const
    await commit({ type: 'mode-changed', payload })
  }
  mkdirSync(join(folder, 'shared'))
  const sandbox = bareSandbox(join(folder, 'workspaces'), join(folder, 'shared'))
  started = sandbox.started
  const stopped = () => live.emergency
  const executor = createExecutor({
    agent,
    sandbox: {
      ...sandbox,
      run: async (run) => {
        await place()
        return sandbox.run(run)
      },
    },
    tools: executorTools(toolRegistry(loaded.settings)),
    plans: noPlans,
    stopped,
    clock,
  })
  agent.useExecutor(executor)
  queue = createExecutionQueue({ agent, executor, by, clock, concurrency: 4, stopped })
  auto = createAutoExecutor({
    agent,
    queue,
    source: 'auto-approval-system',
    by,
    stopped,
    onAlert: (alert) => alerts.push(alert),
    onProblem: (_subject, problem) => problems.push(problem),
  })
}

const fallBack = () =>
  commit({
    type: 'mode-changed',
    payload: { from: 'beta', to: 'alpha', by: ANA, because: 'a person said so', evidence: null },
  })

let drafts = 0
async function propose(more: Readonly<Record<string, unknown>> = {}): Promise<string> {
  drafts += 1
  const draft = sampleDraft({ tool_name: 'count', tool_args: [`file${drafts}`], ...more })
  return (await agent.as(author).propose({ draft: draft as never })).proposal.id
}

const statusOf = async (proposal: string) => (await agent.as({ actor: ANA, owner: false }).show({ proposal })).status

describe('what runs by itself', () => {
  test('is one proposal a look, the oldest that a rule may approve', async () => {
    await open()
    const ids = [await propose(), await propose(), await propose()]
    expect(await auto.poll()).toMatchObject([{ proposal: ids[0], status: 'completed' }])
    expect(await Promise.all(ids.map(statusOf))).toEqual(['completed', 'proposed', 'proposed'])
    expect(await auto.poll()).toMatchObject([{ proposal: ids[1] }])
    expect(started.length).toBe(2)
    expect(problems).toEqual([])
  })

  const tool = (declared: string) => ({ tools: `tools: [{name: count, command: [/usr/bin/true], ${declared}}]` })
  test.each([
    ['the mode is alpha', {}, 'alpha', {}, {}, /nothing may be approved by a rule now/],
    ['the configuration permits alpha at most', { mode: 'operational_mode: alpha' }, 'beta', {}, {}, /by a rule now/],
    [
      'the switch is off',
      { auto: 'auto_executor: {enabled: false, allowed_tools: [count]}' },
      'beta',
      {},
      {},
      /by a rule now/,
    ],
    ['everything is stopped', {}, 'beta', {}, { emergency: 'stopped' }, /by a rule now/],
    ['the sandbox does not hold', {}, 'beta', {}, { selfTest: 'no user namespaces' }, /by a rule now/],
    ['maintenance is overdue', {}, 'beta', {}, { maintenance: 'backups' }, /by a rule now/],
    ['its computed risk is medium', {}, 'beta', { tool_args: ['/opt/data'], rollback: null }, {}, /its risk is medium/],
    ['its declared risk is medium', {}, 'beta', { risk_level: 'medium', rollback: null }, {}, /its risk is medium/],
    ['its action type is not listed', {}, 'beta', { action_type: 'web_research' }, {}, /allowed_action_types/],
    [
      'its tool is not listed',
      { auto: 'auto_executor: {enabled: true, allowed_tools: [fail]}' },
      'beta',
      {},
      {},
      /allowed_tools/,
    ],
    [
      'its rollback runs a tool that is not listed',
      { auto: 'auto_executor: {enabled: true, allowed_tools: [count]}' },
      'beta',
      { rollback: { tool_name: 'fail' } },
      {},
      /its rollback runs fail/,
    ],
    [
      'its tool is not idempotent',
      tool('side_effects: none, writes: false, idempotent: false, reversible: true'),
      'beta',
      {},
      {},
      /not declared idempotent/,
    ],
    [
      'its tool has side effects outside of its workspace',
      tool('side_effects: outside, writes: true, idempotent: true, reversible: true'),
      'beta',
      { rollback: null },
      {},
      /side effects outside|its risk is medium/,
    ],
    [
      'its tool writes and is not reversible',
      tool('side_effects: workspace, writes: true, idempotent: true, reversible: false'),
      'beta',
      {},
      {},
      /not declared reversible/,
    ],
    [
      'it needs the network',
      { tools: `tools: [{name: count, command: [/usr/bin/true], allow_network: true, ${DECLARED}}]` },
      'beta',
      { network: ['example.org'], rollback: null },
      {},
      /it needs the network/,
    ],
  ] as const)(
    'is nothing when %s, and everything else holds',
    async (_what, config, mode, draft, conditions, obstacle) => {
      await open(config, mode)
      const id = await propose(draft)
      live = conditions
      expect(agent.obstacleToRule(id)).toMatch(obstacle)
      expect(await auto.poll()).toEqual([])
      expect(await statusOf(id)).toBe('proposed')
      expect(started).toEqual([])
    },
  )

  test('is nothing that repeats what was proposed before', async () => {
    await open()
    const [first, repeated] = [await propose({ tool_args: ['same'] }), await propose({ tool_args: ['same'] })]
    expect(await auto.poll()).toMatchObject([{ proposal: first }])
    expect(await auto.poll()).toEqual([])
    expect(await statusOf(repeated)).toBe('draft')
  })

  test('is asked for again when it is approved, and again when it is about to start', async () => {
    await open()
    const id = await propose()
    queue.setConcurrency(0)
    const ended = new AbortController()
    const polled = auto.poll(ended.signal)
    while ((await statusOf(id)) === 'proposed') await queue.idle()
    live = { maintenance: 'backups are overdue' }
    queue.setConcurrency(4)
    await queue.idle()
    expect(await statusOf(id)).toBe('approved')
    await expect(agent.consume(id, by)).rejects.toMatchObject({ code: 'JANUS_AGENT_NOT_PERMITTED' })
    expect(started).toEqual([])
    ended.abort()
    expect(await polled).toEqual([])
  })

  test.each([
    ['the agent falls back to alpha', /not as it was approved: (config, )?mode/, () => fallBack()],
    [
      'maintenance becomes overdue',
      /by a rule now/,
      async () => {
        live = { maintenance: 'backups are overdue' }
      },
    ],
    [
      'the sandbox does not hold any more',
      /no user namespaces/,
      async () => {
        live = { selfTest: 'no user namespaces' }
      },
    ],
  ])('is nothing when %s while it waits for a place, its warrant used up', async (_what, because, change) => {
    await open()
    const id = await propose()
    place = change
    expect(await auto.poll()).toMatchObject([
      { proposal: id, status: 'suspended', result: { code: 'NOT_PERMITTED', summary: expect.stringMatching(because) } },
    ])
    expect(started).toEqual([])
  })

  test('can be undone by a person once the agent fell back to alpha: no rule may do it any more', async () => {
    await open()
    const id = await propose({ rollback: { tool_name: 'count', tool_args: ['undo'] } })
    expect(await auto.poll()).toMatchObject([{ proposal: id, status: 'completed' }])
    await fallBack()
    const ana = agent.as({ actor: ANA, owner: false })
    expect(await ana.rollback({ proposal: id, reason: 'it should not have done that' })).toMatchObject({
      result: { outcome: 'completed' },
    })
    expect(started.length).toBe(2)
  })

  test('is, in omega, what is novel too, up to medium risk that something undoes', async () => {
    await open({}, 'omega')
    const novel = await propose({ action_type: 'web_research' })
    expect(await auto.poll()).toMatchObject([{ proposal: novel, status: 'completed' }])
    const high = await propose({ risk_level: 'high', rollback: null })
    expect(agent.obstacleToRule(high)).toMatch(/always decided by a person/)
  })

  test('is told when too many executions fail: five, 30 %, once, until it was 15 %', async () => {
    await open()
    const run = async (tool_name: string) => {
      await propose({ tool_name })
      await auto.poll()
    }
    for (const name of ['count', 'count', 'fail', 'count']) await run(name)
    expect(alerts).toEqual([])
    await run('fail')
    expect(alerts).toMatchObject([{ holds: true, summary: '2 of the newest 5 executions failed (40 %)' }])
    for (let turn = 0; turn < 9; turn += 1) await run('count')
    expect(alerts.map(({ holds }) => holds)).toEqual([true, false])
    await auto.close()
    const raised: unknown[] = []
    for await (const event of agent.record.history()) if (event.type === 'alert-raised') raised.push(event.payload)
    expect(raised).toMatchObject([{ holds: true }, { holds: false }])
  })
})

test('is nothing for a while once three failed within ten minutes, however often its trigger fires', async () => {
  await open()
  for (let time = 0; time < 5; time += 1) {
    await propose({ tool_name: 'fail' })
    await auto.poll()
  }
  expect(started.length).toBe(3)
  expect(alerts).toMatchObject([{ event: 'auto_executor.paused', holds: true }])
})

describe('a signed playbook', () => {
  const playbook = (...tools: readonly string[]): Playbook => ({
    schema: 'janus.playbook/1',
    playbookId: 'tidy',
    name: 'Tidy',
    description: 'Counts what is there, again and again',
    triggerConditions: {},
    actionSequence: tools.map((tool, index) => ({ tool, args: [`step${index}`] })),
  })
  const approve = async (...tools: readonly string[]) => {
    const approved = { playbook: playbook(...tools), digest: 'd'.repeat(64), signatures: [], approvedAt: '' }
    await commit({ type: 'playbook-approved', payload: { approved, by: ANA } })
    return approved
  }

  test('is executed step by step, each time its trigger fires: its steps are never repetitions', async () => {
    await open({ auto: 'auto_executor: {enabled: true, allowed_tools: []}' })
    const approved = await approve('count', 'count', 'count')
    for (let time = 0; time < 2; time += 1) {
      await agent.proposeStep(approved, 0, by)
      expect(isPlaybookUnderWay(agent.record.state, 'tidy')).toBe(true)
      const executed = await auto.poll()
      expect(executed.map(({ status }) => status)).toEqual(['completed', 'completed', 'completed'])
      expect(isPlaybookUnderWay(agent.record.state, 'tidy')).toBe(false)
    }
    expect(started.length).toBe(6)
    expect(problems).toEqual([])
  })

  test('ends with the first step that fails', async () => {
    await open()
    await agent.proposeStep(await approve('count', 'fail', 'count'), 0, by)
    const executed = await auto.poll()
    expect(executed.map(({ status }) => status)).toEqual(['completed', 'failed'])
    expect(await auto.poll()).toEqual([])
    expect(started.length).toBe(2)
  })

  test('that is revoked in the middle ends there', async () => {
    await open()
    await agent.proposeStep(await approve('count', 'count'), 0, by)
    const unwatch = agent.record.watch((event) => {
      if (event.type !== 'warrant-consumed') return
      void commit({ type: 'playbook-revoked', payload: { playbookId: 'tidy', by: ANA, because: 'test' } })
    })
    const executed = await auto.poll()
    unwatch()
    expect(executed.length).toBe(1)
    expect(await auto.poll()).toEqual([])
  })

  test('that is revoked while its step waits for a place is not begun', async () => {
    await open()
    await agent.proposeStep(await approve('count', 'count'), 0, by)
    place = () => commit({ type: 'playbook-revoked', payload: { playbookId: 'tidy', by: ANA, because: 'test' } })
    expect(await auto.poll()).toMatchObject([{ status: 'suspended', result: { code: 'NOT_PERMITTED' } }])
    expect(started).toEqual([])
  })

  test('waits for a person, step by step, in alpha', async () => {
    await open({}, 'alpha')
    const { proposal } = await agent.proposeStep(await approve('count', 'count'), 0, by)
    expect(await auto.poll()).toEqual([])
    const ended = queue.whenEnded(proposal.id)
    await agent.as({ actor: ANA, owner: false }).approve({ proposal: proposal.id, digest: proposal.digest })
    expect(await ended).toMatchObject({ status: 'completed' })
    const waiting = () =>
      [...agent.record.state.open.values()].map((each) => each.proposal.content.metadata.playbook_step)
    while (waiting().length === 0) await new Promise((resolve) => setImmediate(resolve))
    expect(waiting()).toEqual([2])
    expect(await auto.poll()).toEqual([])
  })
})
