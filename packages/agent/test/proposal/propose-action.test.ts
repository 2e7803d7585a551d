import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Actor, RecordedEvent } from '../../src/index.js'
import { normaliseActionType } from '../../src/proposal/normalise-action-type.js'
import { proposeAction } from '../../src/proposal/propose-action.js'
import { force } from '../support/decision-context.js'
import { memoryRecord } from '../support/memory-record.js'
import { proposeContext, sampleDraft } from '../support/propose-context.js'

const by: Actor = { kind: 'agent', name: 'thinking-cycle' }
const context = proposeContext()

describe('a proposal', () => {
  test('is recorded as written, with its risk, its novelty and its digest', async () => {
    const record = await memoryRecord()
    const { proposal, status } = await proposeAction(record, context, { draft: sampleDraft(), by })
    expect(status).toBe('proposed')
    expect(proposal).toMatchObject({
      proposer: by,
      content: { actionType: 'analysis', action: { kind: 'tool', tool: 'rg', args: ['--files', 'logs'] } },
      risk: { level: 'low' },
      novelty: { score: 1 },
    })
    expect(proposal.id).toMatch(/^janus-[0-9a-f]{12}$/)
    expect(proposal.digest).toMatch(/^[0-9a-f]{64}$/)
  })

  test('of the documents is proposed as it stands, at the risk that its network has', async () => {
    const record = await memoryRecord()
    const draft = {
      mission_context: 'Research EU funding opportunities',
      action_type: 'web_research',
      rationale: 'Need to identify Horizon Europe funding for GeoDataCenter',
      expected_outcome: 'List of relevant funding programs',
      risk_level: 'low',
      risk_mitigation: 'Read-only web queries with domain allowlist',
      rollback_plan: 'No system state changes, no rollback needed',
      rollback: null,
      tool_name: 'curl',
      tool_args: ['https://ec.europa.eu/info/funding-tenders/'],
    }
    const { proposal } = await proposeAction(record, context, { draft, by })
    expect(proposal.risk.level).toBe('medium')
    expect(proposal.content.declaredRisk).toBe('low')
  })

  test.each([
    ['rationale', { rationale: 'too short' }],
    ['rationale', { rationale: `${' '.repeat(30)}short` }],
    ['mission-context', { mission_context: ' ' }],
    ['mission-context', { mission_context: 'Unknown' }],
    ['risk-class', { action_type: 'systemConfig' }],
    ['risk-class', { action_type: 'Network Config', risk_level: 'medium' }],
    ['rollback-plan', { risk_level: 'medium', rollback_plan: 'none', rollback: null }],
    ['privileged', { tool_name: 'shell', tool_args: ['sudo reboot'] }],
    ['traversal', { tool_args: ['../../etc'] }],
    ['form', { mission_context: { objective: 'an object' } }],
    ['form', { tool_args: 'rg --files' }],
    ['form', { risk_level: 'none' }],
    ['form', { rationale: `a NUL \0 in a text that is long enough` }],
    ['form', { rationale: `half of a character \ud800 in a text that is long enough` }],
    ['form', { rationale: 'x'.repeat(20_001) }],
    ['form', { tool_args: Array.from({ length: 501 }, () => 'x') }],
    ['form', { metadata: { playbook_id: 'maintenance-001' } }],
    ['form', { risk: 'low' }],
    ['form', { tool_name: undefined }],
    ['form', { plan: { schema: 'janus.plan/1' } }],
  ])('that breaks the rule %s is refused with %j, and the refusal is on the record', async (rule, change) => {
    const record = await memoryRecord()
    const events: RecordedEvent[] = []
    record.watch((event) => events.push(event))
    await expect(proposeAction(record, context, { draft: sampleDraft(change), by })).rejects.toMatchObject({
      code: 'JANUS_AGENT_PROPOSAL_INVALID',
      data: { rule },
    })
    expect(events).toMatchObject([{ type: 'request-refused', payload: { by, details: { rule } } }])
    expect(record.state.open.size).toBe(0)
  })

  test.each([null, 7, 'text', [], [sampleDraft()]])('%j is no draft', async (draft) => {
    await expect(proposeAction(await memoryRecord(), context, { draft, by })).rejects.toMatchObject({
      code: 'JANUS_AGENT_PROPOSAL_INVALID',
    })
  })

  test('any draft is proposed or refused with a code', async () => {
    const record = await memoryRecord()
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.constantFrom(...Object.keys(sampleDraft()), 'rollback', 'plan', '__proto__'), fc.json()),
        async (change) => {
          const outcome = await proposeAction(record, context, { draft: { ...sampleDraft(), ...change }, by }).catch(
            (error: unknown) => error,
          )
          if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'JANUS_AGENT_PROPOSAL_INVALID' })
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('attack 30: the rollback of a proposal', () => {
  const risky = { tool_name: 'shell', tool_args: ['touch report.txt'], rollback_plan: 'Remove the report again' }

  test('must be given above low risk, be it as nothing to undo', async () => {
    const record = await memoryRecord()
    await expect(proposeAction(record, context, { draft: sampleDraft(risky), by })).rejects.toMatchObject({
      data: { rule: 'rollback' },
    })
    const draft = sampleDraft({ ...risky, rollback: null })
    expect((await proposeAction(record, context, { draft, by })).status).toBe('proposed')
  })

  test('is an action like any other: held to the same rules, and its risk counts', async () => {
    const record = await memoryRecord()
    const sudo = sampleDraft({ rollback: { tool_name: 'shell', tool_args: ['sudo rm report.txt'] } })
    await expect(proposeAction(record, context, { draft: sudo, by })).rejects.toMatchObject({
      data: { rule: 'privileged' },
    })
    const draft = sampleDraft({ rollback: { tool_name: 'shell', tool_args: ['rm report.txt'] } })
    expect((await proposeAction(record, context, { draft, by })).proposal.risk.level).toBe('high')
  })

  test('is part of what is approved: another rollback is another digest', async () => {
    const withRollback = (args: readonly string[]) => sampleDraft({ rollback: { tool_name: 'rg', tool_args: args } })
    const sameId = proposeContext({ newId: () => '0123456789ab' })
    const first = await proposeAction(await memoryRecord(), sameId, { draft: withRollback(['a']), by })
    const second = await proposeAction(await memoryRecord(), sameId, { draft: withRollback(['b']), by })
    expect(first.proposal.digest).not.toBe(second.proposal.digest)
  })
})

describe('a repetition', () => {
  test('is recorded once, as a draft that names what it repeats', async () => {
    const record = await memoryRecord()
    const first = await proposeAction(record, context, { draft: sampleDraft(), by })
    const again = await proposeAction(record, context, { draft: sampleDraft(), by })
    expect(again).toMatchObject({
      status: 'draft',
      proposal: { novelty: { score: 0, duplicateOf: first.proposal.id } },
    })
    for (let times = 0; times < 50; times += 1) await proposeAction(record, context, { draft: sampleDraft(), by })
    expect(record.state.counts).toMatchObject({ proposed: 1, draft: 1 })
  })

  test('is the same action under words that are alike; other arguments are another proposal', async () => {
    const record = await memoryRecord()
    await proposeAction(record, context, { draft: sampleDraft(), by })
    const others = await proposeAction(record, context, { draft: sampleDraft({ tool_args: ['--files', 'etc'] }), by })
    expect(others.status).toBe('proposed')
    const words = 'Because the configuration must be known before an upgrade is planned'
    expect((await proposeAction(record, context, { draft: sampleDraft({ rationale: words }), by })).status).toBe(
      'proposed',
    )
  })

  test.each(['rejected', 'expired', 'cancelled', 'stale'] as const)(
    'of what was %s may be tried again',
    async (end) => {
      const record = await memoryRecord()
      const { proposal } = await proposeAction(record, context, { draft: sampleDraft(), by })
      await force(record, proposal.id, end)
      expect((await proposeAction(record, context, { draft: sampleDraft(), by })).status).toBe('proposed')
    },
  )

  test('of the step of a playbook is none: it runs whenever its trigger fires', async () => {
    const record = await memoryRecord()
    const playbook = { id: 'maintenance-001', name: 'Log Rotation' }
    await proposeAction(record, context, { draft: sampleDraft(), by, playbook })
    const again = await proposeAction(record, context, { draft: sampleDraft(), by, playbook })
    expect(again).toMatchObject({
      status: 'proposed',
      proposal: { content: { metadata: { playbook_id: 'maintenance-001', playbook_name: 'Log Rotation' } } },
    })
  })
})

describe('attack 12: a flood of proposals', () => {
  const numbered = (number: number, more = {}) =>
    sampleDraft({
      rationale: `Proposal number ${number} has words of its own, ${'abc'.repeat(number % 7)}`,
      tool_args: [String(number)],
      ...more,
    })

  test('the oldest of low risk give way, what is of high risk never does', async () => {
    const record = await memoryRecord()
    const small = proposeContext({ maxPending: 10 })
    const high = { tool_name: 'shell', rollback: null }
    const important = await proposeAction(record, small, { draft: numbered(0, high), by })
    const first = await proposeAction(record, small, { draft: numbered(1), by })
    for (let number = 2; number < 100; number += 1) await proposeAction(record, small, { draft: numbered(number), by })
    expect(record.state.counts.proposed).toBe(10)
    expect(record.state.open.has(important.proposal.id)).toBe(true)
    expect(record.state.ended.get(first.proposal.id)).toMatchObject({
      status: 'expired',
      reason: { code: 'JANUS_AGENT_QUEUE_FULL' },
    })
  })

  test('a queue of nothing but high risk takes no more', async () => {
    const record = await memoryRecord()
    const small = proposeContext({ maxPending: 3 })
    const high = { tool_name: 'shell', rollback: null }
    for (let number = 0; number < 3; number += 1)
      await proposeAction(record, small, { draft: numbered(number, high), by })
    await expect(proposeAction(record, small, { draft: numbered(9), by })).rejects.toMatchObject({
      code: 'JANUS_AGENT_QUEUE_FULL',
    })
  })

  test('ten thousand leave the state as large as what is open', async () => {
    const record = await memoryRecord()
    const bounded = proposeContext({ maxPending: 100 })
    for (let number = 0; number < 10_000; number += 1)
      await proposeAction(record, bounded, { draft: numbered(number), by })
    expect(record.state.open.size).toBe(100)
    expect(record.state.recent.size).toBeLessThanOrEqual(500)
    expect(record.state.ended.size).toBeLessThanOrEqual(1000)
    expect(record.state.counts).toMatchObject({ proposed: 100, expired: 9900 })
  })
})

describe('an action type', () => {
  test.each([
    ['HTTPServer', 'httpserver'],
    ['systemConfig', 'system_config'],
    ['  Web Research!  ', 'web_research'],
    ['!!!', 'unknown'],
    ['', 'unknown'],
    ['naïve', 'na_ve'],
    ['a__b--c', 'a_b_c'],
  ])('%j is %j', (text, normal) => {
    expect(normaliseActionType(text)).toBe(normal)
  })

  test('is normal after it was normalised once', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const once = normaliseActionType(text)
        expect(once).toMatch(/^[a-z0-9]+(_[a-z0-9]+)*$/)
        expect(normaliseActionType(once)).toBe(once)
      }),
    )
  })
})
