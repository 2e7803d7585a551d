import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { signStatement } from '../../src/identity/statement.js'
import type { Actor, AgentEvent, AgentRecord, KeyRole, OperationalMode, ToolAction } from '../../src/index.js'
import { demoteMode, promoteMode } from '../../src/mode/change-mode.js'
import { dueModeChanges } from '../../src/mode/due-mode-changes.js'
import { effectivePermission } from '../../src/mode/effective-permission.js'
import { modeEvidence } from '../../src/mode/mode-evidence.js'
import { modeGate } from '../../src/mode/mode-gate.js'
import { modeStatement } from '../../src/mode/mode-statement.js'
import { obstaclesToRule } from '../../src/mode/permit-rule.js'
import { agentSettingsSchema } from '../../src/settings/agent-settings.js'
import { ANA, RESOLVE } from '../support/decision-context.js'
import { memoryRecord } from '../support/memory-record.js'
import { sampleProposal } from '../support/sample-proposal.js'
import { type SettableClock, settableClock } from '../support/settable-clock.js'
import { enrolSigningKey } from '../support/signing-key.js'
import { toolEntry } from '../support/tool-entry.js'

const HOUR = 3600
const DAY = 24 * HOUR
const REASON = 'Thirty days without a violation'
let clock: SettableClock
let record: AgentRecord

beforeEach(async () => {
  clock = settableClock()
  record = await memoryRecord(clock)
})

function commit(...events: readonly AgentEvent[]): Promise<void> {
  return record.commit(() => ({ events, answer: undefined }))
}

/** Lets the agent run, saying every hour that it lives. */
async function live(days: number): Promise<void> {
  await commit({ type: 'agent-alive', payload: { seconds: 0 } })
  for (let hour = 0; hour < days * 24; hour += 1) {
    clock.pass(HOUR)
    await commit({ type: 'agent-alive', payload: { seconds: HOUR } })
  }
}

/** Lets people decide proposals. */
async function decide(count: number, to: 'approved' | 'rejected', by: Actor = ANA): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    const proposal = sampleProposal()
    await commit(
      { type: 'proposal-created', payload: { proposal, status: 'proposed' } },
      { type: 'proposal-moved', payload: { proposal: proposal.id, revision: 1, from: 'proposed', to, by } },
    )
  }
}

async function newKey(name: string, ...roles: readonly KeyRole[]): Promise<KeyObject> {
  return (await enrolSigningKey(record, name, { roles })).privateKey
}

/** A promotion as people sign it. */
function signed(to: OperationalMode, keys: readonly KeyObject[], at = clock.now().toISOString(), reason = REASON) {
  const { vesselId, recordId, mode } = record.state
  const statement = modeStatement({ vesselId, recordId, from: mode.mode, to, reason, at })
  return { to, reason, at, signatures: keys.map((key) => signStatement(key, statement)) }
}

const promote = (request: ReturnType<typeof signed>) => promoteMode(record, request, { by: ANA, reviewDays: 7 })
const closed = async (request: ReturnType<typeof signed>): Promise<readonly string[]> => {
  const refused = await promote(request).catch((error: unknown) => error)
  expect(refused).toMatchObject({ code: 'JANUS_AGENT_GATE_CLOSED' })
  return ((refused as { data: { closed?: readonly { condition: string }[] } }).data.closed ?? []).map(
    (one) => one.condition,
  )
}

describe('the gate to beta', () => {
  test('opens after thirty days, 95 % of twenty decisions approved, no violation, and the first citizen’s signature', async () => {
    const citizen = await newKey('First citizen', 'first-citizen')
    await live(30)
    await decide(19, 'approved')
    await decide(1, 'rejected')
    await promote(signed('beta', [citizen]))
    expect(record.state.mode).toMatchObject({ mode: 'beta', seconds: 0, approved: 0 })
  })

  test('is closed without any data, each condition for itself', () => {
    expect(
      modeGate(record.state, clock.now())
        ?.conditions.filter(({ holds }) => holds)
        .map(({ condition }) => condition),
    ).toEqual(['violations'])
  })

  test.each([
    ['days', async () => live(29).then(() => decide(20, 'approved'))],
    ['sample', async () => live(30).then(() => decide(19, 'approved'))],
    [
      'approval-rate',
      async () =>
        live(30)
          .then(() => decide(18, 'approved'))
          .then(() => decide(2, 'rejected')),
    ],
  ])('is closed by %s alone', async (condition, history) => {
    const citizen = await newKey('First citizen', 'first-citizen')
    await history()
    expect(await closed(signed('beta', [citizen]))).toEqual([condition])
    expect(record.state.mode.mode).toBe('alpha')
  })

  test('counts nothing that no person decided', async () => {
    const citizen = await newKey('First citizen', 'first-citizen')
    await live(30)
    await decide(100, 'approved', { kind: 'system', name: 'auto-approval-system' })
    expect(await closed(signed('beta', [citizen]))).toEqual(['sample', 'approval-rate'])
  })

  test('counts thirty days again after a violation', async () => {
    const citizen = await newKey('First citizen', 'first-citizen')
    await live(30)
    await decide(20, 'approved')
    await commit({ type: 'violation-recorded', payload: { code: 'X', summary: 'x', by: ANA } })
    expect(await closed(signed('beta', [citizen]))).toEqual(['days', 'sample', 'approval-rate', 'violations'])
    await demoteMode(record, { to: 'alpha', reason: 'It was looked into, and we begin anew' }, ANA)
    expect(await closed(signed('beta', [citizen]))).toEqual(['days', 'sample', 'approval-rate'])
  })

  test.each([
    ['nobody', async () => signed('beta', [])],
    ['an approver', async () => signed('beta', [await newKey('Ana', 'approver')])],
    ['a key that is not enrolled', async () => signed('beta', [generateKeyPairSync('ed25519').privateKey])],
    [
      'a first citizen of last week',
      async () =>
        signed(
          'beta',
          [await newKey('C', 'first-citizen')],
          new Date(clock.now().getTime() - 8 * DAY * 1000).toISOString(),
        ),
    ],
    [
      'a first citizen of tomorrow',
      async () =>
        signed(
          'beta',
          [await newKey('C', 'first-citizen')],
          new Date(clock.now().getTime() + DAY * 1000).toISOString(),
        ),
    ],
    [
      'a first citizen for another reason',
      async () => ({ ...signed('beta', [await newKey('C', 'first-citizen')]), reason: 'another one' }),
    ],
  ])('is closed to %s', async (_who, request) => {
    await live(30)
    await decide(20, 'approved')
    expect(await closed(await request())).toEqual(['authorisation'])
  })

  test('leads to beta and nowhere else', async () => {
    const citizen = await newKey('First citizen', 'first-citizen')
    await expect(promote(signed('omega', [citizen]))).rejects.toMatchObject({ code: 'JANUS_AGENT_GATE_CLOSED' })
  })
})

describe('the gate to omega', () => {
  let citizen: KeyObject
  let recommenders: KeyObject[]

  beforeEach(async () => {
    citizen = await newKey('First citizen', 'first-citizen')
    recommenders = [await newKey('One', 'recommender'), await newKey('Two', 'recommender')]
    await commit({
      type: 'mode-changed',
      payload: { from: 'alpha', to: 'beta', by: ANA, because: 'a test', evidence: null },
    })
    await live(180)
    await decide(20, 'approved')
  })

  test('opens after 180 days with every recommender, and takes effect a week later', async () => {
    await promote(signed('omega', [citizen, ...recommenders]))
    expect(record.state.mode).toMatchObject({ mode: 'beta', request: { to: 'omega' } })
    await live(6)
    expect(dueModeChanges(record.state, clock.now(), {})).toEqual([])
    await live(1)
    await commit(...dueModeChanges(record.state, clock.now(), {}))
    expect(record.state.mode.mode).toBe('omega')
  })

  test('is closed when one recommender is missing', async () => {
    expect(await closed(signed('omega', [citizen, ...recommenders.slice(1)]))).toEqual(['recommendation'])
  })

  test.each([
    [
      'a violation',
      async () => commit({ type: 'violation-recorded', payload: { code: 'X', summary: 'x', by: ANA } }),
      'alpha',
    ],
    ['a demotion', async () => demoteMode(record, { to: 'alpha', reason: 'no' }, ANA), 'alpha'],
    ['taking it back', async () => demoteMode(record, { to: 'beta', reason: 'no' }, ANA), 'beta'],
  ])('is shut again by %s within the week', async (_what, happens, mode) => {
    await promote(signed('omega', [citizen, ...recommenders]))
    await happens()
    clock.pass(8 * DAY)
    expect(dueModeChanges(record.state, clock.now(), {})).toEqual([])
    expect(record.state.mode).toMatchObject({ mode, request: undefined })
  })

  test('is not passed when people rejected too much within the week', async () => {
    await promote(signed('omega', [citizen, ...recommenders]))
    await live(6)
    await decide(3, 'rejected')
    await live(1)
    await commit(...dueModeChanges(record.state, clock.now(), {}))
    expect(record.state.mode).toMatchObject({ mode: 'beta', request: undefined })
  })

  test('is passed by nobody who only sets the clock', async () => {
    await demoteMode(record, { to: 'alpha', reason: 'again' }, ANA)
    clock.set('2027-03-01T12:00:00.000Z')
    await commit(
      { type: 'clock-stepped', payload: { seconds: 365 * DAY } },
      { type: 'agent-alive', payload: { seconds: HOUR } },
    )
    expect(modeGate(record.state, clock.now())?.evidence.days).toBe(0)
  })
})

describe('a fall back to alpha', () => {
  const toBeta: AgentEvent = {
    type: 'mode-changed',
    payload: { from: 'alpha', to: 'beta', by: ANA, because: 'a test', evidence: null },
  }
  const due = () => dueModeChanges(record.state, clock.now(), {})

  test('is due when more than a fifth was rejected within a week', async () => {
    await commit(toBeta)
    await decide(4, 'approved')
    await decide(1, 'rejected')
    expect(due()).toEqual([])
    await decide(1, 'rejected')
    expect(due()).toMatchObject([
      {
        type: 'mode-changed',
        payload: { from: 'beta', to: 'alpha', because: '2 of 6 proposals were rejected within 7 days' },
      },
    ])
    clock.pass(8 * DAY)
    expect(due()).toEqual([])
  })

  test('is due after ninety days in which nothing happened', async () => {
    await commit(toBeta)
    await decide(1, 'approved')
    clock.pass(90 * DAY)
    expect(due()).toEqual([])
    clock.pass(1)
    expect(due()).toMatchObject([{ payload: { to: 'alpha' } }])
  })

  test('is due at once when the record cannot be verified', async () => {
    await commit(toBeta)
    expect(dueModeChanges(record.state, clock.now(), { verification: 'line 3' })).toMatchObject([
      { payload: { to: 'alpha' } },
    ])
  })

  test('is nothing in alpha', () => {
    clock.pass(1000 * DAY)
    expect(dueModeChanges(record.state, clock.now(), { verification: 'line 3' })).toEqual([])
  })
})

describe('what a rule may approve without a person', () => {
  const settings = { ...agentSettingsSchema.parse({}), operational_mode: 'omega' as const }
  settings.auto_executor = { ...settings.auto_executor, enabled: true, allowed_tools: ['list'] }
  const inside = { kind: 'tool', tool: 'list', args: ['logs'], kwargs: {}, network: [] } as const
  const asked = (
    mode: OperationalMode,
    change: Parameters<typeof sampleProposal>[0] = {},
    status = 'proposed' as const,
  ) =>
    obstaclesToRule(
      { proposal: sampleProposal({ action: inside, ...change }), status },
      record.state,
      effectivePermission(mode, settings),
      settings,
      (name) => (name === 'rg' ? toolEntry('rg', ['rg']) : RESOLVE.tool(name)),
    )

  test('is nothing in alpha', () => {
    expect(asked('alpha')).toEqual(['nothing may be approved by a rule now'])
  })

  test('is, in beta, what is listed: low risk, tool and action type, no network', () => {
    expect(asked('beta')).toEqual([])
    expect(asked('beta', { risk: 'medium' })).toEqual(['its risk is medium, and a list approves low risk only'])
    expect(asked('beta', { risk: 'high' })).toEqual(['its risk is high: that is always decided by a person'])
    expect(asked('beta', { content: { actionType: 'web_research' } })).toEqual([
      'web_research is not in auto_executor.allowed_action_types',
    ])
    expect(asked('beta', { action: { kind: 'tool', tool: 'rg', args: [], kwargs: {}, network: [] } })).toEqual([
      'rg is not in auto_executor.allowed_tools',
    ])
    expect(
      asked('beta', { action: { kind: 'tool', tool: 'list', args: [], kwargs: {}, network: ['example.org'] } }),
    ).toEqual(['it needs the network'])
    const rollback = { kind: 'tool', tool: 'list', args: [], kwargs: {}, network: ['example.org'] } as const
    const action = { ...rollback, network: [] }
    expect(asked('beta', { action, content: { rollback } })).toEqual(['it needs the network'])
  })

  test('is, in omega, what is novel too, up to medium risk that can be undone; high never', () => {
    const rollback = { kind: 'tool', tool: 'list', args: [], kwargs: {}, network: [] } as const
    expect(asked('omega', { content: { actionType: 'web_research' } })).toEqual([])
    expect(asked('omega', { risk: 'medium', content: { rollback } })).toEqual([])
    expect(asked('omega', { risk: 'medium' })).toEqual(['its risk is medium, and nothing undoes it'])
    expect(asked('omega', { risk: 'high', content: { rollback } })).toEqual([
      'its risk is high: that is always decided by a person',
    ])
  })

  test('is a step of a playbook only while that is approved', () => {
    expect(asked('beta', { content: { metadata: { playbook_id: 'maintenance-001' } } })).toEqual([
      'the playbook maintenance-001 is not approved',
    ])
  })
})

describe('a step of a playbook, without a person', () => {
  const settings = { ...agentSettingsSchema.parse({}), operational_mode: 'omega' as const }
  const on = { ...settings, auto_executor: { ...settings.auto_executor, enabled: true } }
  const step = (args: readonly string[], rollback: ToolAction | null = null) =>
    obstaclesToRule(
      {
        status: 'proposed',
        proposal: sampleProposal({
          content: {
            action: { kind: 'tool', tool: 'list', args, kwargs: {}, network: [] },
            rollback,
            metadata: { playbook_id: 'tidy' },
          },
        }),
      },
      record.state,
      effectivePermission('beta', on),
      on,
      RESOLVE.tool,
    )

  test('is what the playbook in force says, to the last argument, and nothing beside it', async () => {
    expect(step(['logs'])).toEqual(['the playbook tidy is not approved'])
    const playbook = {
      schema: 'janus.playbook/1',
      playbookId: 'tidy',
      name: 'Tidy',
      description: '',
      triggerConditions: {},
      actionSequence: [{ tool: 'list', args: ['logs'] }],
    } as const
    const approved = { playbook, digest: 'd', signatures: [], approvedAt: clock.now().toISOString() }
    await commit({ type: 'playbook-approved', payload: { approved, by: ANA } })
    expect(step(['logs'])).toEqual([])
    expect(step(['logs', '-R'])).toEqual(['it is no step of the playbook tidy'])
    const rollback = { kind: 'tool', tool: 'list', args: [], kwargs: {}, network: [] } as const
    expect(step(['logs'], rollback)).toEqual(['it is no step of the playbook tidy'])
  })
})

describe('attack 18: a clock that is set forward', () => {
  test('does not shorten the time between the request for omega and its effect', async () => {
    const [citizen, recommender] = [await newKey('C', 'first-citizen'), await newKey('R', 'recommender')]
    const evidence = modeEvidence(record.state)
    await commit({ type: 'mode-changed', payload: { from: 'alpha', to: 'beta', by: ANA, because: 'x', evidence } })
    await live(180)
    await decide(20, 'approved')
    await promote(signed('omega', [citizen, recommender]))
    clock.set(new Date(clock.now().getTime() + 8 * DAY * 1000).toISOString())
    expect(dueModeChanges(record.state, clock.now(), {})).toEqual([])
    await live(7)
    expect(dueModeChanges(record.state, clock.now(), {})).toMatchObject([
      { type: 'mode-changed', payload: { to: 'omega' } },
    ])
  })
})
