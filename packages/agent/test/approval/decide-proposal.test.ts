import type { LedgerRecord } from '@janus/core/ledger'
import { beforeEach, describe, expect, test } from 'vitest'
import { type DecisionRequest, decideProposal } from '../../src/approval/decide-proposal.js'
import { expireProposals } from '../../src/approval/expire-proposals.js'
import { moveProposal } from '../../src/approval/move-proposal.js'
import { agentError } from '../../src/errors/agent-error.js'
import { decisionStatement } from '../../src/identity/decision-statement.js'
import { signStatement } from '../../src/identity/statement.js'
import type { AgentRecord, Proposal } from '../../src/index.js'
import { ANA, BEN, CAL, decisionContext, EXECUTOR, force, put, RULES } from '../support/decision-context.js'
import { meetingContext, turns } from '../support/meeting-context.js'
import { memoryRecord } from '../support/memory-record.js'
import { sampleProposal } from '../support/sample-proposal.js'
import { type SettableClock, settableClock } from '../support/settable-clock.js'
import { enrolSigningKey, type SigningKey } from '../support/signing-key.js'

let clock: SettableClock
let records: LedgerRecord[]
let record: AgentRecord
let proposal: Proposal

beforeEach(async () => {
  clock = settableClock()
  records = []
  record = await memoryRecord(clock, records)
  proposal = await put(record, sampleProposal())
})

const decide = (request: Partial<DecisionRequest>, context = decisionContext(record)) =>
  decideProposal(
    record,
    { proposal: proposal.id, decision: 'approve', by: ANA, digest: proposal.digest, ...request },
    context,
  )
const lastRefusal = () => records.findLast(({ type }) => type === 'request-refused')?.payload as Record<string, unknown>

describe('an approval', () => {
  test('moves the proposal and issues its warrant in one step', async () => {
    const answer = await decide({})
    expect(answer).toMatchObject({ status: 'approved', approvals: 1, approvalsNeeded: 1, decision: { by: ANA } })
    expect(answer.expires).toBe('2026-03-02T00:00:00.000Z')
    expect(records.slice(-3).map(({ type }) => type)).toEqual(['proposal-decided', 'proposal-moved', 'warrant-issued'])
    const [warrant] = record.state.warrants.values()
    expect(warrant).toMatchObject({
      proposalId: proposal.id,
      proposalDigest: proposal.digest,
      recordId: record.state.recordId,
      approvers: [ANA],
      action: { kind: 'tool', binary: { path: expect.stringMatching(/\/ls$/) }, argv: ['-l', '/usr'] },
    })
  })

  test.each([8, 12, 64])('names the digest that was read by its first %i digits', async (digits) => {
    expect(await decide({ digest: proposal.digest.slice(0, digits) })).toMatchObject({ status: 'approved' })
  })

  test('of another digest is refused, and the refusal is kept', async () => {
    const other = proposal.digest.startsWith('0') ? '1'.repeat(64) : '0'.repeat(64)
    for (const digest of [other, proposal.digest.slice(0, 7), '']) {
      await expect(decide({ digest })).rejects.toMatchObject({ code: 'JANUS_AGENT_DIGEST_MISMATCH' })
      expect(lastRefusal()).toMatchObject({ code: 'JANUS_AGENT_DIGEST_MISMATCH', by: ANA, proposal: proposal.id })
    }
    expect(record.state.open.get(proposal.id)).toMatchObject({ status: 'proposed', decisions: [] })
  })

  test('is refused when what would run cannot be resolved: nothing is approved that could not be read', async () => {
    const context = decisionContext(record)
    const resolve = async () => {
      throw agentError('JANUS_AGENT_STALE', 'the tool is gone')
    }
    await expect(decide({}, { ...context, resolve })).rejects.toMatchObject({ code: 'JANUS_AGENT_STALE' })
    expect(record.state.open.get(proposal.id)?.status).toBe('proposed')
  })

  test('is refused when the policy says no, and the refusal is kept', async () => {
    const permit = () => {
      throw agentError('JANUS_AGENT_POLICY_DENIED', 'no rule allows it')
    }
    await expect(decide({}, { ...decisionContext(record), permit })).rejects.toMatchObject({
      code: 'JANUS_AGENT_POLICY_DENIED',
    })
    expect(lastRefusal()).toMatchObject({ code: 'JANUS_AGENT_POLICY_DENIED' })
  })

  test('of a proposal that never was is refused', async () => {
    await expect(decide({ proposal: 'janus-000000000000' })).rejects.toMatchObject({
      code: 'JANUS_AGENT_PROPOSAL_NOT_FOUND',
    })
  })

  test('of a suspended proposal is illegal until it was put up again', async () => {
    await force(record, proposal.id, 'suspended')
    await expect(decide({})).rejects.toMatchObject({ code: 'JANUS_AGENT_TRANSITION_ILLEGAL' })
    await moveProposal(record, {
      proposal: proposal.id,
      to: 'proposed',
      by: BEN,
      reason: { text: 'the machine is calm' },
    })
    expect(await decide({})).toMatchObject({ status: 'approved' })
  })

  test('is impossible while the approval workflow is switched off', async () => {
    await expect(decide({}, decisionContext(record, { rules: { enabled: false } }))).rejects.toMatchObject({
      code: 'JANUS_AGENT_NOT_PERMITTED',
    })
  })
})

describe('attack 9: double approval, approve against reject', () => {
  test('the second approver is told who approved and when', async () => {
    await decide({})
    clock.pass(60)
    await expect(decide({ by: BEN })).rejects.toMatchObject({
      code: 'JANUS_AGENT_ALREADY_DECIDED',
      message: expect.stringContaining('ana (uid 1001) approved it at 2026-03-01T12:00:00.000Z'),
      data: { status: 'approved', decisions: [{ by: ANA, decision: 'approve' }] },
    })
  })

  test('who approves what was rejected is told who rejected it and why, also when the state has forgotten', async () => {
    await decide({ decision: 'reject', by: BEN, reason: 'too vague' })
    const told = {
      code: 'JANUS_AGENT_ALREADY_DECIDED',
      message: expect.stringMatching(/is rejected already: ben \(uid 1002\) rejected it at .*: too vague/),
    }
    await expect(decide({})).rejects.toMatchObject(told)
    for (let count = 0; count < 1001; count += 1) {
      const { id } = await put(record, sampleProposal())
      await force(record, id, 'cancelled')
    }
    expect(record.state.ended.has(proposal.id)).toBe(false)
    await expect(decide({})).rejects.toMatchObject(told)
  })

  test('who rejects what was approved is told so; taking an approval back is asked for by name', async () => {
    await decide({})
    await expect(decide({ decision: 'reject', by: BEN, reason: 'no' })).rejects.toMatchObject({
      code: 'JANUS_AGENT_ALREADY_DECIDED',
    })
    expect(await decide({ decision: 'reject', by: BEN, reason: 'no', withdraw: true })).toMatchObject({
      status: 'rejected',
    })
    expect(record.state.warrants.size).toBe(0)
  })

  test('of a thousand races between approvers and rejecters each has one decision and the others know it', async () => {
    const wins = new Map<string, number>()
    for (let race = 0; race < 1000; race += 1) {
      proposal = await put(record, sampleProposal())
      const { context, meeting } = meetingContext(record, race % 8)
      const outcomes = await Promise.allSettled(
        [ANA, BEN, CAL].map(async (by, index) => {
          // Of every third race all are approvers.
          if (race % 3 === 0 || (race + index) % 2 === 0) return decide({ by }, context)
          await meeting.then(() => turns((race + index) % 9))
          return decide({ by, decision: 'reject', reason: 'no' })
        }),
      )
      const won = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value.decision] : []))
      expect(won).toHaveLength(1)
      for (const { decision } of won) wins.set(decision, (wins.get(decision) ?? 0) + 1)
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') continue
        const { code, data } = outcome.reason as { code: string; data: { decisions: unknown } }
        expect([code, data.decisions]).toEqual(['JANUS_AGENT_ALREADY_DECIDED', won])
      }
    }
    expect(wins.get('approve')).toBeGreaterThan(400)
    expect(wins.get('reject')).toBeGreaterThan(100)
  })
})

describe('attack 10: self-approval and a forged approver', () => {
  const author = { kind: 'user', uid: 1001, name: 'ana' } as const

  test('a user does not approve what they proposed', async () => {
    proposal = await put(record, sampleProposal({ proposer: author }))
    await expect(decide({ by: ANA })).rejects.toMatchObject({ code: 'JANUS_AGENT_SELF_APPROVAL' })
    await expect(decide({ by: { kind: 'user', uid: 1001, name: 'somebody-else' } })).rejects.toMatchObject({
      code: 'JANUS_AGENT_SELF_APPROVAL',
    })
    expect(lastRefusal()).toMatchObject({ code: 'JANUS_AGENT_SELF_APPROVAL' })
    expect(await decide({ by: BEN })).toMatchObject({ status: 'approved' })
  })

  test('nor with a key of theirs', async () => {
    proposal = await put(record, sampleProposal({ proposer: author }))
    const mine = await enrolSigningKey(record, 'Ana at home', { uid: 1001 })
    await expect(decide(signed(mine))).rejects.toMatchObject({ code: 'JANUS_AGENT_SELF_APPROVAL' })
    const namesake = await enrolSigningKey(record, 'ana')
    await expect(decide(signed(namesake))).rejects.toMatchObject({ code: 'JANUS_AGENT_SELF_APPROVAL' })
  })

  test('the user that the agent runs as does not approve what the agent proposed, unless a key shows that it is a person', async () => {
    const agent = { kind: 'user', uid: 998, name: 'janus' } as const
    await expect(decide({ by: agent })).rejects.toMatchObject({ code: 'JANUS_AGENT_SELF_APPROVAL' })
    const ana = await enrolSigningKey(record, 'Ana')
    expect(await decide({ by: agent, ...signed(ana) })).toMatchObject({
      status: 'approved',
      decision: { by: { kind: 'key' } },
    })
  })

  test.each([
    ['a part of the agent', EXECUTOR],
    ['a rule of the agent that nobody permitted', { kind: 'system', name: 'auto-approval-system' } as const],
    ['a user who is not among the approvers', BEN],
    ['a user who only bears the name of an approver', { kind: 'user', uid: 4711, name: 'ana' } as const],
    ['a key that is not enrolled', { kind: 'key', keyId: '0123456789abcdef', name: 'Ana' } as const],
  ])('%s decides nothing', async (_who, by) => {
    const rules = { approvers: new Set([1001]) }
    await expect(decide({ by }, decisionContext(record, { rules }))).rejects.toMatchObject({
      code: 'JANUS_AGENT_IDENTITY_REFUSED',
    })
    await expect(
      decide({ by, decision: 'reject', reason: 'no' }, decisionContext(record, { rules })),
    ).rejects.toMatchObject({ code: 'JANUS_AGENT_IDENTITY_REFUSED' })
  })

  test('a signature is good for one decision on one digest in one record since it was put up for review', async () => {
    const ana = await enrolSigningKey(record, 'Ana')
    const good = signed(ana)
    const wrong = async (request: Partial<DecisionRequest>) =>
      expect(decide(request)).rejects.toMatchObject({ code: 'JANUS_AGENT_SIGNATURE_INVALID' })
    await wrong({ ...good, label: 'first_citizen', by: CAL })
    expect(lastRefusal()).toMatchObject({ code: 'JANUS_AGENT_SIGNATURE_INVALID', by: CAL })
    await wrong({ ...good, decision: 'reject', reason: 'no' })
    await wrong({ ...good, allowStale: true })
    await wrong(signed(ana, { recordId: 'f'.repeat(32) }))
    await wrong(signed(ana, { vesselId: 'another' }))
    await wrong(signed(ana, { digest: '0'.repeat(64) }))
    await wrong(signed(ana, { at: '2026-03-01T11:59:59.000Z' }))
    await wrong(signed(ana, { at: '2026-03-01T12:30:00.000Z' }))
    await wrong({ signed: { ...(good.signed as object), keyId: '0'.repeat(16) } as never })
    clock.pass(60)
    await force(record, proposal.id, 'suspended')
    await force(record, proposal.id, 'proposed')
    await wrong(good)
    expect(await decide(signed(ana, { at: clock.now().toISOString() }))).toMatchObject({ status: 'approved' })
  })

  test('a key without the role signs no decision', async () => {
    const auditor = await enrolSigningKey(record, 'Auditor', { roles: ['checkpoint'] })
    await expect(decide(signed(auditor))).rejects.toMatchObject({ code: 'JANUS_AGENT_IDENTITY_REFUSED' })
  })
})

describe('a quorum', () => {
  const rules = { quorum: { ...RULES.quorum, high: 2 } }

  beforeEach(async () => {
    proposal = await put(record, sampleProposal({ risk: 'high' }))
  })

  test('of two is two different people', async () => {
    const context = decisionContext(record, { rules })
    expect(await decide({}, context)).toMatchObject({ status: 'proposed', approvals: 1, approvalsNeeded: 2 })
    await expect(decide({}, context)).rejects.toMatchObject({ code: 'JANUS_AGENT_ALREADY_DECIDED' })
    const mine = await enrolSigningKey(record, 'Ana at home', { uid: 1001 })
    await expect(decide(signed(mine), context)).rejects.toMatchObject({ code: 'JANUS_AGENT_ALREADY_DECIDED' })
    expect(await decide({ by: BEN }, context)).toMatchObject({ status: 'approved', approvals: 2 })
    const [warrant] = record.state.warrants.values()
    expect(warrant?.approvers).toEqual([ANA, BEN])
  })

  test('ends with one rejection, also by who approved first', async () => {
    const context = decisionContext(record, { rules })
    await decide({}, context)
    expect(await decide({ decision: 'reject', reason: 'I read it again' }, context)).toMatchObject({
      status: 'rejected',
    })
  })

  test('does not count the approval of a key that was revoked meanwhile', async () => {
    const context = decisionContext(record, { rules })
    const ana = await enrolSigningKey(record, 'Ana')
    await decide(signed(ana), context)
    await record.commit(() => ({
      events: [{ type: 'key-revoked', payload: { keyId: ana.enrolled.keyId, by: CAL, because: 'lost' } }],
      answer: undefined,
    }))
    expect(await decide({ by: BEN }, context)).toMatchObject({ status: 'proposed', approvals: 1 })
    expect(await decide({ by: CAL }, context)).toMatchObject({ status: 'approved', approvals: 2 })
  })

  test('is for people: no rule takes the place of two', async () => {
    const context = { ...decisionContext(record, { rules }), permitRule: () => undefined }
    await expect(decide({ by: { kind: 'system', name: 'auto-approval-system' } }, context)).rejects.toMatchObject({
      code: 'JANUS_AGENT_IDENTITY_REFUSED',
    })
  })
})

describe('a proposal that waits', () => {
  test('too long is said to, once, and needs to be read again', async () => {
    const tick = () => expireProposals(record, { rules: RULES, bootId: 'boot-1' })
    clock.pass(24 * 3600 - 1)
    expect(await tick()).toEqual([])
    clock.pass(1)
    expect(await tick()).toEqual([proposal.id])
    expect(await tick()).toEqual([])
    await expect(decide({})).rejects.toMatchObject({ code: 'JANUS_AGENT_TIMED_OUT' })
    expect(await decide({ allowStale: true })).toMatchObject({ status: 'approved' })
  })

  test('too long counts as that before anybody looked', async () => {
    clock.pass(25 * 3600)
    await expect(decide({})).rejects.toMatchObject({ code: 'JANUS_AGENT_TIMED_OUT' })
  })

  test('too long is rejected where that is configured, by the timeout and not by a person', async () => {
    clock.pass(24 * 3600)
    await expireProposals(record, { rules: { ...RULES, autoReject: true }, bootId: 'boot-1' })
    await expect(decide({ allowStale: true })).rejects.toMatchObject({
      code: 'JANUS_AGENT_ALREADY_DECIDED',
      message: expect.stringMatching(
        /rejected already: approval-timeout moved it at .*Timeout: nobody decided within 24/,
      ),
    })
    expect(record.state.mode).toMatchObject({ rejected: 0, timedOut: 1 })
  })

  test('too long can be put up again, without the decisions it had', async () => {
    const rules = { quorum: { low: 2, medium: 2, high: 2 } }
    await decide({}, decisionContext(record, { rules }))
    clock.pass(30 * 3600)
    await expireProposals(record, { rules: RULES, bootId: 'boot-1' })
    await moveProposal(record, { proposal: proposal.id, to: 'proposed', by: BEN, reason: { text: 'still wanted' } })
    expect(record.state.open.get(proposal.id)).toMatchObject({
      status: 'proposed',
      decisions: [],
      proposedAt: clock.now().toISOString(),
    })
    expect(await decide({})).toMatchObject({ status: 'approved' })
  })

  test('approved or not is decided once when approval and timeout meet, a thousand times', async () => {
    const auto = { rules: { ...RULES, autoReject: true }, bootId: 'boot-1' }
    const won = { approved: 0, rejected: 0 }
    for (let race = 0; race < 1000; race += 1) {
      proposal = await put(record, sampleProposal())
      const before = records.length
      clock.pass(24 * 3600)
      const { context, meeting } = meetingContext(record, race % 8)
      const approving = decide({ allowStale: true }, context)
      const timing = meeting.then(() => turns(Math.floor(race / 8) % 8)).then(() => expireProposals(record, auto))
      const outcomes = await Promise.allSettled([approving, timing])
      const status = record.state.open.get(proposal.id)?.status ?? record.state.ended.get(proposal.id)?.status
      const approvals = outcomes.filter(
        ({ status: each, ...rest }) => each === 'fulfilled' && 'decision' in (rest as { value: object }).value,
      )
      expect([status, approvals.length]).toEqual(approvals.length === 1 ? ['approved', 1] : ['rejected', 0])
      won[status as keyof typeof won] += 1
      const lost = outcomes.find((outcome) => outcome.status === 'rejected')
      if (status === 'rejected') expect(lost?.reason).toMatchObject({ code: 'JANUS_AGENT_ALREADY_DECIDED' })
      expect(records.slice(before).filter(isDecisionOn(proposal.id))).toHaveLength(1)
    }
    expect(Math.min(won.approved, won.rejected)).toBeGreaterThan(100)
  })
})

/** Tells the lines that say how a proposal was decided. */
function isDecisionOn(id: string): (line: LedgerRecord) => boolean {
  return ({ type, payload }) => {
    const { proposal: of, to } = payload as { readonly proposal?: string; readonly to?: string }
    return type === 'proposal-moved' && of === id && (to === 'approved' || to === 'rejected')
  }
}

function signed({ privateKey }: SigningKey, differently: object = {}): Partial<DecisionRequest> {
  const body = {
    vesselId: record.state.vesselId,
    recordId: record.state.recordId,
    proposal: proposal.id,
    digest: proposal.digest,
    decision: 'approve' as const,
    reason: null,
    label: null,
    allowStale: false,
    withdraw: false,
    at: clock.now().toISOString(),
    ...differently,
  }
  return { signed: { ...signStatement(privateKey, decisionStatement(body)), at: body.at } }
}
