import type { KeyObject } from 'node:crypto'
import { beforeEach, describe, expect, test } from 'vitest'
import { decideProposal } from '../../src/approval/decide-proposal.js'
import { checkSignatures } from '../../src/audit/check-signatures.js'
import { decisionStatement } from '../../src/identity/decision-statement.js'
import { signStatement } from '../../src/identity/statement.js'
import type { AgentRecord, KeyRole } from '../../src/index.js'
import { modeStatement } from '../../src/mode/mode-statement.js'
import type { RecordedEvent } from '../../src/record/agent-event.js'
import { ANA, decisionContext, put } from '../support/decision-context.js'
import { memoryRecord } from '../support/memory-record.js'
import { sampleProposal } from '../support/sample-proposal.js'
import { settableClock } from '../support/settable-clock.js'
import { enrolSigningKey } from '../support/signing-key.js'

const clock = settableClock()
let record: AgentRecord
let ana: KeyObject
let proposal: string

beforeEach(async () => {
  record = await memoryRecord(clock)
  ana = await newKey('ana', 'approver', 'first-citizen')
  const { id, digest } = await put(record, sampleProposal())
  proposal = id
  const said = {
    proposal,
    digest,
    decision: 'approve',
    reason: null,
    label: 'Ana',
    allowStale: false,
    withdraw: false,
  } as const
  const at = clock.now().toISOString()
  const { vesselId, recordId } = record.state
  const signed = { ...signStatement(ana, decisionStatement({ ...said, vesselId, recordId, at })), at }
  await decideProposal(
    record,
    { proposal, decision: 'approve', by: ANA, digest, label: 'Ana', signed },
    decisionContext(record),
  )
})

async function newKey(name: string, ...roles: readonly KeyRole[]): Promise<KeyObject> {
  return (await enrolSigningKey(record, name, { roles })).privateKey
}

/** What is wrong with the record when its events had been other ones. */
async function wrong(
  change: (event: RecordedEvent) => unknown = (event) => event,
  more: readonly unknown[] = [],
): Promise<readonly string[]> {
  const events: unknown[] = []
  for await (const event of record.history()) events.push(change(structuredClone(event)))
  const check = checkSignatures()
  return [...events, ...more].flatMap((event) => check.next(event as RecordedEvent) ?? [])
}

/** With another decision in the place of the recorded one. */
const decided = (change: (decision: Record<string, unknown>) => void) =>
  wrong((event) => {
    if (event.type === 'proposal-decided') change(event.payload.decision as never)
    return event
  })

describe('a record without an altered signature', () => {
  test('has nothing wrong with it', async () => {
    expect(await wrong()).toEqual([])
  })

  test('tells for each decision of a key who signed what', async () => {
    for await (const event of record.history())
      if (event.type === 'proposal-decided')
        expect(event.payload.decision).toMatchObject({
          by: { kind: 'key' },
          signed: { allowStale: false, withdraw: false },
        })
  })
})

describe('a decision that was written by hand', () => {
  test.each([
    ['another outcome', (decision: Record<string, unknown>) => Object.assign(decision, { decision: 'reject' })],
    ['a reason', (decision: Record<string, unknown>) => Object.assign(decision, { reason: 'because' })],
    ['another label', (decision: Record<string, unknown>) => Object.assign(decision, { label: 'Ben' })],
    [
      'another time',
      (decision: Record<string, unknown>) =>
        Object.assign(decision.signed as object, { at: '2026-03-02T00:00:00.000Z' }),
    ],
    [
      'a stale proposal allowed',
      (decision: Record<string, unknown>) => Object.assign(decision.signed as object, { allowStale: true }),
    ],
    [
      'another key',
      (decision: Record<string, unknown>) => Object.assign(decision.by as object, { keyId: '0'.repeat(16) }),
    ],
  ])('with %s is found', async (_what, change) => {
    expect(await decided(change)).toEqual([expect.stringMatching(/^the key [0-9a-f]{16} did not sign this decision/)])
  })

  test('without a signature is found', async () => {
    expect(await decided((decision) => Reflect.deleteProperty(decision, 'signed'))).toEqual([
      expect.stringContaining('has no signature'),
    ])
  })

  test('on another digest than that of its proposal is found', async () => {
    expect(await decided((decision) => Object.assign(decision, { digest: '0'.repeat(64) }))).toEqual([
      `${proposal} was decided by another digest than its own`,
    ])
  })
})

test('a proposal that is not what was signed is found by its digest', async () => {
  const found = await wrong((event) => {
    if (event.type !== 'proposal-created') return event
    const { content } = event.payload.proposal
    return {
      ...event,
      payload: {
        ...event.payload,
        proposal: { ...event.payload.proposal, content: { ...content, rationale: 'something else altogether' } },
      },
    }
  })
  expect(found).toEqual([`${proposal} is not what its digest is of`])
})

describe('a promotion', () => {
  const event = (type: string, payload: object) => ({ seq: 99, at: clock.now().toISOString(), type, payload })
  const at = clock.now().toISOString()
  const to = (mode: 'beta' | 'omega', key?: KeyObject) => {
    const { vesselId, recordId } = record.state
    const from = mode === 'beta' ? 'alpha' : 'beta'
    const statement = modeStatement({ vesselId, recordId, from, to: mode, reason: 'it is time', at })
    return { at, signatures: key === undefined ? [] : [signStatement(key, statement)] }
  }
  const promoted = (mode: 'beta' | 'omega', key?: KeyObject) =>
    event('mode-changed', {
      from: mode === 'beta' ? 'alpha' : 'beta',
      to: mode,
      because: 'it is time',
      signed: to(mode, key),
    })

  test('that the first citizen signed is as it should be, at once or requested before', async () => {
    const requested = event('mode-requested', { to: 'omega', because: 'it is time', signed: to('omega', ana) })
    const changed = event('mode-changed', { from: 'beta', to: 'omega', because: 'it is time' })
    expect(await wrong(undefined, [promoted('beta', ana), requested, changed])).toEqual([])
  })

  test('that nobody, or somebody without the role, signed is found', async () => {
    const ben = await newKey('ben', 'approver')
    const missing = 'no first citizen signed the promotion to beta'
    expect(await wrong(undefined, [promoted('beta')])).toEqual([missing])
    expect(await wrong(undefined, [promoted('beta', ben)])).toEqual([missing])
    expect(await wrong(undefined, [event('mode-changed', { from: 'alpha', to: 'omega', because: 'x' })])).toEqual([
      'no first citizen signed the promotion to omega',
    ])
  })

  test('downwards needs no signature', async () => {
    expect(await wrong(undefined, [event('mode-changed', { from: 'beta', to: 'alpha', because: 'x' })])).toEqual([])
  })
})
