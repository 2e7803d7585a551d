import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canonicalDigest } from '@janus/core/ledger'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { emergencyStop } from '../../src/configured/emergency-stop.js'
import { openConfiguredAgent, openConfiguredLocalAgent } from '../../src/configured/open-configured-agent.js'
import { decisionStatement } from '../../src/identity/decision-statement.js'
import { generateKey, readPrivateKey } from '../../src/identity/private-key-file.js'
import { signStatement } from '../../src/identity/statement.js'
import {
  type Agent,
  type Caller,
  defaultPolicy,
  governBySettings,
  type LocalAgent,
  openLocalAgent,
  parseSettings,
  settingsDigest,
} from '../../src/index.js'
import { sampleDraft } from '../support/propose-context.js'
import { type SettableClock, settableClock } from '../support/settable-clock.js'

const DAY = 24 * 3600
const BASE = [
  'tools: [{name: rg, command: [/bin/ls]}, {name: shell, command: [/bin/bash, -c]}]',
  'approval_workflow: {notification_enabled: false}',
]
const ana: Caller = { actor: { kind: 'user', uid: 1001, name: 'ana' }, owner: false }
const ben: Caller = { actor: { kind: 'user', uid: 1002, name: 'ben' }, owner: false }
const root: Caller = { actor: { kind: 'user', uid: 0, name: 'root' }, owner: true }
const author: Caller = { actor: { kind: 'agent', name: 'thinking-cycle' }, owner: false }

let folder: string
let clock: SettableClock
let opened: LocalAgent[]

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'janus-configured-')))
  clock = settableClock()
  opened = []
})

afterEach(async () => {
  for (const agent of opened) await agent.close()
  await rm(folder, { recursive: true, force: true })
})

async function open(...lines: readonly string[]): Promise<LocalAgent> {
  const loaded = await parseSettings([...BASE, ...lines].join('\n'), 'agent.yaml')
  const agent = await openLocalAgent({
    stateDirectory: join(folder, 'state'),
    purpose: 'a test',
    vesselId: loaded.settings.vessel_id,
    clock,
    version: '0.0.0',
    govern: governBySettings({
      loaded,
      bootId: 'boot-1',
      ownUid: 0,
      live: (settings) => ({ emergency: emergencyStop(settings) }),
    }),
  })
  opened.push(agent)
  return agent
}

async function approve(agent: Agent, id: string) {
  const { record } = await agent.review({ proposal: id })
  return agent.approve({ proposal: id, digest: record.proposal.digest })
}

describe('an agent as it is configured', () => {
  test('takes a draft of its author to an execution that a person approved', async () => {
    const agent = await open()
    const { proposal, status } = await agent.as(author).propose({ draft: sampleDraft() as never })
    expect(status).toBe('proposed')
    expect(await approve(agent.as(ana), proposal.id)).toMatchObject({ status: 'approved' })
    const warrant = await agent.consume(proposal.id, { kind: 'agent', name: 'executor' })
    expect(warrant.action).toMatchObject({ kind: 'tool', tool: 'rg', binary: { path: expect.stringMatching(/\/ls$/) } })
  })

  test('in alpha nothing is approved by a rule, and nothing runs that was not approved', async () => {
    const agent = await open('auto_executor: {enabled: true, allowed_tools: [rg]}', 'operational_mode: omega')
    const { proposal } = await agent.as(author).propose({ draft: sampleDraft() as never })
    const rule: Caller = { actor: { kind: 'system', name: 'auto-approval-system' }, owner: false }
    await expect(approve(agent.as(rule), proposal.id)).rejects.toMatchObject({ code: 'JANUS_AGENT_NOT_PERMITTED' })
    await expect(agent.consume(proposal.id, author.actor)).rejects.toMatchObject({
      code: 'JANUS_AGENT_TRANSITION_ILLEGAL',
    })
  })

  test('says what its rules make of a draft, and records nothing of that', async () => {
    const agent = await open()
    const before = agent.record.state.lastSeq
    const explained = await agent
      .as(ana)
      .explainPolicy({ draft: sampleDraft({ tool_name: 'curl', tool_args: [] }) as never })
    expect(explained).toMatchObject({
      risk: { level: 'high' },
      verdict: { allowed: false },
      permission: { mode: 'alpha' },
    })
    expect(agent.record.state.lastSeq).toBe(before)
  })

  test('refuses to approve what its policy does not allow', async () => {
    const agent = await open('security: {allowed_tools: [rg]}')
    const draft = sampleDraft({ tool_name: 'shell', tool_args: ['date'], rollback: null })
    const { proposal } = await agent.as(author).propose({ draft: draft as never })
    await expect(approve(agent.as(ana), proposal.id)).rejects.toMatchObject({ code: 'JANUS_AGENT_POLICY_DENIED' })
  })

  test('proposes and runs nothing while the emergency stop is there, be it a link to nowhere', async () => {
    const stop = join(folder, 'EMERGENCY_STOP')
    const agent = await open(`kill_switch: {emergency_stop_file: ${stop}}`)
    const { proposal } = await agent.as(author).propose({ draft: sampleDraft() as never })
    await approve(agent.as(ana), proposal.id)
    await symlink('/nowhere', stop)
    await expect(agent.as(author).propose({ draft: sampleDraft({ tool_args: ['x'] }) as never })).rejects.toMatchObject(
      {
        code: 'JANUS_AGENT_NOT_PERMITTED',
      },
    )
    await expect(agent.consume(proposal.id, author.actor)).rejects.toMatchObject({ code: 'JANUS_AGENT_NOT_PERMITTED' })
    expect((await agent.as(ana).status()).permission).toMatchObject({ propose: false, runApproved: false })
  })
})

describe('a change of the rules', () => {
  const looser = async (agent: LocalAgent, set: Readonly<Record<string, never | unknown>>) => {
    const rules = await agent.as(ana).showRules()
    const setting = (key: string): unknown => rules.settings.find((row) => row.key === key)?.value
    const from = settingsDigest(Object.keys(set), setting)
    const change = { subject: 'settings', from, set } as const
    return agent.as(ana).proposeChange({ change, rationale: 'The weekly report needs more room than it has now' })
  }

  test('is of high risk, is approved by somebody else, and takes effect after its review time', async () => {
    const agent = await open()
    const { proposal } = await looser(agent, { 'harness.max_concurrency': 8 })
    expect(proposal.risk.level).toBe('high')
    await expect(approve(agent.as(ana), proposal.id)).rejects.toMatchObject({ code: 'JANUS_AGENT_SELF_APPROVAL' })
    await approve(agent.as(ben), proposal.id)
    expect((await agent.as(ana).status()).scheduled).toMatchObject([{ proposal: proposal.id, subject: 'settings' }])
    clock.pass(7 * DAY - 1)
    await agent.tick()
    expect(agent.record.state.settings['harness.max_concurrency']).toBeUndefined()
    clock.pass(1)
    await agent.tick()
    expect(agent.record.state.settings['harness.max_concurrency']).toBe(8)
    expect(await agent.as(ana).show({ proposal: proposal.id })).toMatchObject({ status: 'completed' })
    expect((await agent.as(ana).status()).scheduled).toEqual([])
  })

  test('that is stricter is in effect at the next look', async () => {
    const agent = await open()
    const { proposal } = await looser(agent, { 'harness.max_concurrency': 1 })
    await approve(agent.as(ben), proposal.id)
    await agent.tick()
    expect(agent.record.state.settings['harness.max_concurrency']).toBe(1)
  })

  test('goes stale when what it rests on has changed in its review time, and other rules do not matter', async () => {
    const agent = await open()
    const first = await looser(agent, { 'harness.max_concurrency': 8 })
    const second = await looser(agent, { 'harness.max_concurrency': 4 })
    const other = await looser(agent, { 'approval_workflow.max_pending': 5000 })
    for (const { proposal } of [first, second, other]) await approve(agent.as(ben), proposal.id)
    clock.pass(7 * DAY)
    await agent.tick()
    expect(await agent.as(ana).show({ proposal: first.proposal.id })).toMatchObject({ status: 'completed' })
    expect(await agent.as(ana).show({ proposal: second.proposal.id })).toMatchObject({ status: 'stale' })
    expect(await agent.as(ana).show({ proposal: other.proposal.id })).toMatchObject({ status: 'completed' })
  })

  test.each([
    [{ 'harness.max_concurrency': 2 }, 'in force already'],
    [{ 'harness.max_concurrrency': 8 }, 'there is no setting'],
    [{ 'harness.max_concurrency': 'many' }, 'harness.max_concurrency: '],
  ])('%j is refused: %s', async (set, why) => {
    const agent = await open()
    await expect(looser(agent, set)).rejects.toMatchObject({
      code: 'JANUS_AGENT_PROPOSAL_INVALID',
      message: expect.stringContaining(why),
    })
  })

  test('is signed, once keys are enrolled', async () => {
    const agent = await open()
    const file = join(folder, 'ben.key')
    const key = await generateKey(file)
    await agent
      .as(root)
      .enrolKey({ key: { ...key, name: 'Ben', roles: ['approver'] }, rationale: 'Ben reviews from today on' })
    const { proposal } = await looser(agent, { 'harness.max_concurrency': 8 })
    await expect(approve(agent.as(ben), proposal.id)).rejects.toMatchObject({ code: 'JANUS_AGENT_IDENTITY_REFUSED' })
    const { vesselId, recordId } = agent.record.state
    const at = clock.now().toISOString()
    const statement = decisionStatement({
      vesselId,
      recordId,
      proposal: proposal.id,
      digest: proposal.digest,
      decision: 'approve',
      reason: null,
      label: null,
      allowStale: false,
      withdraw: false,
      at,
    })
    const signed = { ...signStatement(await readPrivateKey(file), statement), at }
    expect(await agent.as(ben).approve({ proposal: proposal.id, digest: proposal.digest, signed })).toMatchObject({
      status: 'approved',
    })
  })

  test('adopts a policy, under which everything is asked from then on', async () => {
    const agent = await open('security: {minimum_review_days: 0}')
    const {
      policy: { digest: from },
    } = await agent.as(ana).showRules()
    const policy = { schema: 'janus.policy/1', name: 'nothing', rules: [] } as const
    const { proposal } = await agent.as(ana).proposeChange({
      change: { subject: 'policy', from, policy },
      rationale: 'Nothing is to run until the audit is over',
    })
    await approve(agent.as(ben), proposal.id)
    await agent.tick()
    const asked = await agent.as(author).propose({ draft: sampleDraft() as never })
    await expect(approve(agent.as(ana), asked.proposal.id)).rejects.toMatchObject({ code: 'JANUS_AGENT_POLICY_DENIED' })
  })
})

describe('attack 29: a configuration that is edited between two starts', () => {
  const configured = async (text: string): Promise<LocalAgent> => {
    const config = join(folder, 'agent.yaml')
    await writeFile(config, text, { mode: 0o600 })
    const agent = await openConfiguredLocalAgent({ stateDirectory: join(folder, 'state'), config, purpose: 'a test' })
    opened.push(agent)
    return agent
  }

  test('makes no security setting looser and raises no mode, and the status of the settings says so', async () => {
    const first = await configured('auto_executor: {enabled: false}\nharness: {max_concurrency: 2}')
    await first.close()
    const edited = await configured(
      'operational_mode: omega\nauto_executor: {enabled: true}\nharness: {max_concurrency: 64}',
    )
    const { settings, diagnostics } = await edited.as(ana).showRules()
    const rowOf = (key: string): unknown => settings.find((row) => row.key === key)
    expect(rowOf('auto_executor.enabled')).toMatchObject({ value: false, from: 'record' })
    expect(rowOf('harness.max_concurrency')).toMatchObject({ value: 2, from: 'record' })
    expect(diagnostics.map(({ path }) => path)).toEqual([
      'auto_executor.enabled',
      'harness.max_concurrency',
      'operational_mode',
    ])
    expect((await edited.as(ana).status()).permission).toMatchObject({ mode: 'alpha', approveListed: false })
  })

  test('makes a waiting approval stale when it changes a setting', async () => {
    const tools = 'tools: [{name: rg, command: [/bin/ls]}]\napproval_workflow: {notification_enabled: false}\n'
    const first = await configured(tools)
    const { proposal } = await first.as(author).propose({ draft: sampleDraft() as never })
    await approve(first.as(ana), proposal.id)
    await first.close()
    const edited = await configured(`${tools}debug: {verbose_logging: true}`)
    await expect(edited.consume(proposal.id, author.actor)).rejects.toMatchObject({ code: 'JANUS_AGENT_STALE' })
  })
})

describe('an agent that no process keeps open', () => {
  const once = async <Answer>(work: (agent: Agent) => Promise<Answer>): Promise<Answer> => {
    const agent = await openConfiguredAgent({
      stateDirectory: join(folder, 'state'),
      config: join(folder, 'agent.yaml'),
      purpose: 'a test',
    })
    try {
      return await work(agent)
    } finally {
      await agent.close()
    }
  }

  test('puts a stricter change into effect before the command that approved it has ended', async () => {
    await writeFile(join(folder, 'agent.yaml'), BASE.join('\n'), { mode: 0o600 })
    const file = join(folder, 'ben.key')
    const { keyId, publicKey } = await generateKey(file)
    const key = { keyId, publicKey, name: 'Ben', roles: ['approver'] } as const
    await once((agent) => agent.enrolKey({ key, rationale: 'Ben reviews from today on' }))
    const from = settingsDigest(['harness.max_concurrency'], () => 2)
    const change = { subject: 'settings', from, set: { 'harness.max_concurrency': 1 } } as const
    const rationale = 'One run at a time while the disk is being replaced'
    const { proposal } = await once((agent) => agent.proposeChange({ change, rationale }))
    await once(async (agent) => {
      const { vesselId, recordId } = await agent.review({ proposal: proposal.id })
      const at = new Date().toISOString()
      const { id, digest } = proposal
      const asked = { decision: 'approve', reason: null, label: null, allowStale: false, withdraw: false } as const
      const statement = decisionStatement({ vesselId, recordId, proposal: id, digest, at, ...asked })
      const signed = { ...signStatement(await readPrivateKey(file), statement), at }
      await agent.approve({ proposal: id, digest, signed })
    })
    expect(await once((agent) => agent.show({ proposal: proposal.id }))).toMatchObject({ status: 'completed' })
    const { settings } = await once((agent) => agent.showRules())
    expect(settings.find((row) => row.key === 'harness.max_concurrency')).toMatchObject({ value: 1, from: 'record' })
  })

  test('says of a proposal that it has waited too long as soon as somebody opens it to work with it', async () => {
    const config = [
      ...BASE.slice(0, 1),
      'approval_workflow: {notification_enabled: false, approval_timeout_hours: 0.01}',
    ]
    await writeFile(join(folder, 'agent.yaml'), config.join('\n'), { mode: 0o600 })
    const earlier = await openLocalAgent({
      stateDirectory: join(folder, 'state'),
      purpose: 'a test',
      vesselId: 'janus-in-balaur',
      clock,
      version: '0.0.0',
      govern: governBySettings({
        loaded: await parseSettings(config.join('\n'), 'agent.yaml'),
        bootId: 'boot-1',
        ownUid: 0,
        live: () => ({}),
      }),
    })
    const { proposal } = await earlier.as(author).propose({ draft: sampleDraft() as never })
    await earlier.close()
    const rows = await once((agent) => agent.list({}))
    expect(rows).toMatchObject([{ id: proposal.id, status: 'proposed', timedOut: true }])
  })
})

describe('a budget', () => {
  test('counts what was begun, also while it runs and when nobody knows how it ended', async () => {
    const agent = await open()
    const { settings } = await parseSettings(BASE.join('\n'), 'agent.yaml')
    const policy = {
      ...defaultPolicy(settings),
      rules: defaultPolicy(settings).rules.map((rule) => ({
        ...rule,
        when: { ...rule.when, budget: { actions: 1, seconds: 3600 } },
      })),
    }
    await agent.record.commit(() => ({
      events: [{ type: 'policy-adopted', payload: { policy, digest: canonicalDigest(policy), by: root.actor } }],
      answer: undefined,
    }))
    const ids: string[] = []
    for (const argument of ['/usr', '/opt']) {
      const { proposal } = await agent.as(author).propose({
        draft: sampleDraft({
          tool_args: [argument],
          rollback: null,
          rationale: `A list of ${argument} is needed for the weekly report`,
        }) as never,
      })
      await approve(agent.as(ana), proposal.id)
      ids.push(proposal.id)
    }
    const [first = '', second = ''] = ids
    await agent.consume(first, author.actor)
    await expect(agent.consume(second, author.actor)).rejects.toMatchObject({ code: 'JANUS_AGENT_POLICY_DENIED' })
    clock.pass(3601)
    await expect(agent.consume(second, author.actor)).resolves.toMatchObject({ proposalId: second })
  })
})
