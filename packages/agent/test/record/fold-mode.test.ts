import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Actor, AgentEvent, AgentRecord } from '../../src/index.js'
import { createHeartbeat } from '../../src/local/heartbeat.js'
import { put } from '../support/decision-context.js'
import { memoryRecord } from '../support/memory-record.js'
import { sampleProposal } from '../support/sample-proposal.js'
import { settableClock } from '../support/settable-clock.js'

const DAY = 24 * 3600
const ANA: Actor = { kind: 'user', uid: 1001, name: 'ana' }
const BEN: Actor = { kind: 'user', uid: 1002, name: 'ben' }
const RULE: Actor = { kind: 'system', name: 'policy' }

describe('attack 18: a mode is promoted by setting the clock', () => {
  test('steps of the clock are no days of operation', async () => {
    const clock = settableClock()
    const record = await memoryRecord(clock)
    for (let day = 1; day <= 40; day += 1) {
      clock.set(new Date(clock.now().getTime() + DAY * 1000).toISOString())
      await say(record, { type: 'clock-stepped', payload: { seconds: DAY } })
    }
    expect(record.state.mode.seconds).toBe(0)
  })

  test('time in which nothing ran is no operation, and neither is a span that no process can have lived through', async () => {
    const clock = settableClock()
    const record = await memoryRecord(clock)
    await say(record, { type: 'agent-alive', payload: { seconds: 3600 } })
    clock.pass(10 * DAY)
    await say(record, { type: 'agent-alive', payload: { seconds: 10 * DAY } })
    expect(record.state.mode.seconds).toBe(0)
  })

  test('a process that lives counts by its monotonic clock, from the first hour that lies whole in the mode', async () => {
    const clock = settableClock()
    const record = await memoryRecord(clock)
    const beat = createHeartbeat(record)
    for (let minute = 0; minute < 5 * 60; minute += 1) {
      clock.pass(60)
      await beat()
    }
    expect(record.state.mode.seconds).toBe(4 * 3600)
    await change(record, 'beta')
    expect(record.state.mode.seconds).toBe(0)
  })

  test('however the wall clock jumps, operation is never more than was lived', async () => {
    const jumps = fc.array(
      fc.record({ pass: fc.integer({ min: 0, max: 7200 }), jump: fc.integer({ min: -400 * DAY, max: 400 * DAY }) }),
      { maxLength: 30 },
    )
    await fc.assert(
      fc.asyncProperty(jumps, async (steps) => {
        const clock = settableClock()
        const record = await memoryRecord(clock)
        const beat = createHeartbeat(record)
        let lived = 0
        for (const { pass, jump } of steps) {
          clock.pass(pass)
          lived += pass
          clock.set(new Date(clock.now().getTime() + jump * 1000).toISOString())
          await beat()
        }
        expect(record.state.mode.seconds).toBeLessThanOrEqual(lived)
      }),
      { numRuns: 50 },
    )
  })
})

describe('the numbers of a mode', () => {
  test('a violation falls back to alpha by itself, and stays in the way until a person starts alpha anew', async () => {
    const record = await memoryRecord()
    await change(record, 'omega')
    await say(record, violation)
    expect(record.state.mode).toMatchObject({ mode: 'alpha', violations: 1, seconds: 0 })
    await say(record, violation)
    expect(record.state.mode.violations).toBe(2)
    await change(record, 'alpha')
    expect(record.state.mode.violations).toBe(0)
    expect(record.state.violations.total).toBe(2)
  })

  test('a proposal that two approved is one that was approved', async () => {
    const record = await memoryRecord()
    const id = await proposed(record)
    await decide(record, id, ANA)
    await decide(record, id, BEN)
    await move(record, id, 'approved', BEN)
    expect(record.state.mode).toMatchObject({ approved: 1, rejected: 0, timedOut: 0 })
  })

  test('an approval that came too late counts once, against', async () => {
    const record = await memoryRecord()
    const id = await proposed(record)
    await say(record, { type: 'proposal-timed-out', payload: { proposal: id, ageSeconds: 3601 } })
    await decide(record, id, ANA)
    await move(record, id, 'approved', ANA)
    expect(record.state.mode).toMatchObject({ approved: 0, rejected: 0, timedOut: 1 })
  })

  test('an approval that was taken back is a rejection', async () => {
    const record = await memoryRecord()
    const id = await proposed(record)
    await move(record, id, 'approved', ANA)
    await move(record, id, 'rejected', BEN)
    expect(record.state.mode).toMatchObject({ approved: 0, rejected: 1 })
    expect(record.state.mode.outcomes.size).toBe(0)
  })

  test('decisions are remembered for seven days, the newest thousand of them', async () => {
    const clock = settableClock()
    const record = await memoryRecord(clock)
    const decideOne = async (to: 'approved' | 'rejected') => move(record, await proposed(record), to, ANA)
    await decideOne('rejected')
    clock.pass(4 * 24 * 3600)
    await decideOne('approved')
    expect(record.state.mode.recentDecisions.map(({ rejected }) => rejected)).toEqual([true, false])
    clock.pass(4 * 24 * 3600)
    await decideOne('approved')
    expect(record.state.mode.recentDecisions.map(({ rejected }) => rejected)).toEqual([false, false])
    for (let count = 0; count < 1000; count++) await decideOne('rejected')
    expect(record.state.mode.recentDecisions.map(({ rejected }) => rejected)).toEqual(Array(1000).fill(true))
    expect(record.state.mode).toMatchObject({ approved: 2, rejected: 1001 })
    clock.pass(8 * 24 * 3600)
    await decideOne('approved')
    expect(record.state.mode.recentDecisions).toEqual([{ at: clock.now().toISOString(), rejected: false }])
  })

  test('the greatest time is that before the clock was set back', async () => {
    const clock = settableClock()
    const record = await memoryRecord(clock)
    const greatest = clock.now().toISOString()
    await proposed(record)
    clock.set('2020-01-01T00:00:00.000Z')
    await proposed(record)
    expect(record.state).toMatchObject({ greatestAt: greatest, lastAt: '2020-01-01T00:00:00.000Z' })
    clock.set('+012026-01-01T00:00:00.000Z')
    await proposed(record)
    expect(record.state.greatestAt).toBe('+012026-01-01T00:00:00.000Z')
  })

  test('what a rule approved counts for nothing', async () => {
    const record = await memoryRecord()
    await move(record, await proposed(record), 'approved', RULE)
    expect(record.state.mode).toMatchObject({ approved: 0, rejected: 0, timedOut: 0 })
  })

  test('looking after itself is no activity, a proposal is', async () => {
    const clock = settableClock()
    const record = await memoryRecord(clock)
    await say(record, { type: 'agent-alive', payload: { seconds: 3600 } })
    expect(record.state.lastActivityAt).toBeUndefined()
    await proposed(record)
    expect(record.state.lastActivityAt).toBe(clock.now().toISOString())
  })
})

describe('a change that was scheduled', () => {
  test.each(['applied', 'withdrawn'])('is no more when it is %s', async (how) => {
    const record = await memoryRecord()
    const id = await proposed(record)
    await move(record, id, 'approved', ANA)
    const change = { subject: 'mode', from: 'alpha', to: 'beta' } as const
    await say(record, {
      type: 'change-scheduled',
      payload: { proposal: id, change, effectiveFrom: '2026-03-08T12:00:00.000Z' },
    })
    expect(record.state.scheduled.size).toBe(1)
    if (how === 'applied') await say(record, { type: 'change-applied', payload: { proposal: id } })
    else await move(record, id, 'rejected', BEN)
    expect(record.state.scheduled.size).toBe(0)
  })
})

const violation: AgentEvent = {
  type: 'violation-recorded',
  payload: { code: 'TEST', summary: 'made by the test', by: RULE },
}

async function say(record: AgentRecord, event: AgentEvent): Promise<void> {
  await record.commit(() => ({ events: [event], answer: undefined }))
}

async function change(record: AgentRecord, to: 'alpha' | 'beta' | 'omega'): Promise<void> {
  const from = record.state.mode.mode
  await say(record, { type: 'mode-changed', payload: { from, to, by: ANA, because: 'a test', evidence: null } })
}

async function proposed(record: AgentRecord): Promise<string> {
  return (await put(record, sampleProposal())).id
}

async function decide(record: AgentRecord, proposal: string, by: Actor): Promise<void> {
  const open = record.state.open.get(proposal)
  const at = record.clock.now().toISOString()
  const decision = { decision: 'approve', by, at, digest: open?.proposal.digest ?? '' } as const
  await say(record, { type: 'proposal-decided', payload: { proposal, revision: open?.revision ?? 0, decision } })
}

async function move(record: AgentRecord, proposal: string, to: 'approved' | 'rejected', by: Actor): Promise<void> {
  const open = record.state.open.get(proposal)
  if (open === undefined) throw new Error('it is not open')
  await say(record, {
    type: 'proposal-moved',
    payload: { proposal, revision: open.revision, from: open.status, to, by },
  })
}
