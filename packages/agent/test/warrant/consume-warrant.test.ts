import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LedgerRecord } from '@janus/core/ledger'
import { systemFileOperations } from '@janus/core/state'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { decideProposal } from '../../src/approval/decide-proposal.js'
import { expireProposals } from '../../src/approval/expire-proposals.js'
import { recoverExecutions } from '../../src/approval/recover-executions.js'
import { agentError } from '../../src/errors/agent-error.js'
import { type AgentRecord, ledgerRecordStore, openAgentRecord, type Proposal } from '../../src/index.js'
import { findRegression, writeHighWaterMark } from '../../src/record/high-water-mark.js'
import { consumeWarrant } from '../../src/warrant/consume-warrant.js'
import { ANA, consumeContext, decisionContext, EXECUTOR, force, put, RULES } from '../support/decision-context.js'
import { memoryRecord, typesOf } from '../support/memory-record.js'
import { sampleProposal } from '../support/sample-proposal.js'
import { type SettableClock, settableClock } from '../support/settable-clock.js'

let clock: SettableClock
let records: LedgerRecord[]
let record: AgentRecord
let proposal: Proposal
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'janus-consume-'))
  clock = settableClock()
  records = []
  record = await memoryRecord(clock, records)
  proposal = await approved()
})

afterEach(() => rm(folder, { recursive: true, force: true }))

async function approved(): Promise<Proposal> {
  const added = await put(record, sampleProposal())
  await decideProposal(
    record,
    { proposal: added.id, decision: 'approve', by: ANA, digest: added.digest },
    decisionContext(record),
  )
  return added
}

const execute = (context = consumeContext()) => consumeWarrant(record, { proposal: proposal.id, by: EXECUTOR }, context)
const finish = () => force(record, proposal.id, 'completed')

describe('attack 8: an approval is used again', () => {
  test('the nonce and the move to executing are on the record before the caller may start anything', async () => {
    await execute()
    expect(typesOf(records).slice(-2)).toEqual(['warrant-consumed', 'proposal-moved'])
  })

  test('while it runs, and after it ran, the warrant is used up', async () => {
    await execute()
    await expect(execute()).rejects.toMatchObject({ code: 'JANUS_AGENT_ALREADY_CONSUMED' })
    await finish()
    await expect(execute()).rejects.toMatchObject({ code: 'JANUS_AGENT_ALREADY_CONSUMED' })
    expect(typesOf(records).filter((type) => type === 'warrant-consumed')).toHaveLength(1)
    expect(typesOf(records).filter((type) => type === 'request-refused')).toHaveLength(2)
  })

  test('of a hundred that want to execute at once one may', async () => {
    const outcomes = await Promise.allSettled(Array.from({ length: 100 }, () => execute()))
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'JANUS_AGENT_ALREADY_CONSUMED' })
    }
  })

  test('what was not approved does not run', async () => {
    const waiting = await put(record, sampleProposal())
    await expect(
      consumeWarrant(record, { proposal: waiting.id, by: EXECUTOR }, consumeContext()),
    ).rejects.toMatchObject({ code: 'JANUS_AGENT_TRANSITION_ILLEGAL' })
    await force(record, waiting.id, 'rejected')
    await expect(
      consumeWarrant(record, { proposal: waiting.id, by: EXECUTOR }, consumeContext()),
    ).rejects.toMatchObject({ code: 'JANUS_AGENT_ALREADY_DECIDED' })
    await expect(
      consumeWarrant(record, { proposal: 'janus-000000000000', by: EXECUTOR }, consumeContext()),
    ).rejects.toMatchObject({ code: 'JANUS_AGENT_PROPOSAL_NOT_FOUND' })
  })

  test('an older backup of the record is noticed by the mark that was made before the execution', async () => {
    const path = join(folder, 'mark')
    const backup = structuredClone(records)
    await execute({ ...consumeContext(), mark: (each) => writeHighWaterMark(path, each) })
    expect(await findRegression(path, record)).toBeUndefined()
    const restored = await memoryRecord(clock, backup)
    expect(await findRegression(path, restored)).toMatch(/^it ends with event \d+, and .* knows of event \d+$/)
    await put(restored, sampleProposal())
    await put(restored, sampleProposal())
    await put(restored, sampleProposal())
    expect(await findRegression(path, restored)).toMatch(/^its event \d+ is not the one/)
    const another = await memoryRecord(clock, [])
    expect(await findRegression(path, another)).toMatch(/^it is the record [0-9a-f]{32}, and .* is about/)
    await writeFile(path, '{}', { mode: 0o600 })
    await expect(findRegression(path, record)).rejects.toMatchObject({ code: 'JANUS_AGENT_FROZEN' })
  })

  test('nothing runs when the mark cannot be written: the proposal failed', async () => {
    const mark = () => Promise.reject(new Error('ENOSPC'))
    await expect(execute({ ...consumeContext(), mark })).rejects.toThrow('ENOSPC')
    expect(record.state.ended.get(proposal.id)).toMatchObject({ status: 'failed' })
  })
})

describe('attack 11: an approval that has expired', () => {
  const wanted = { code: 'JANUS_AGENT_EXPIRED' }

  test('does not run, whoever is first to notice', async () => {
    clock.pass(12 * 3600 - 1)
    expect(await expireProposals(record, { rules: RULES, bootId: 'boot-1' })).toEqual([])
    clock.pass(1)
    await expect(execute()).rejects.toMatchObject(wanted)
    expect(record.state.ended.get(proposal.id)).toMatchObject({ status: 'expired' })
    proposal = await approved()
    clock.pass(12 * 3600)
    expect(await expireProposals(record, { rules: RULES, bootId: 'boot-1' })).toEqual([proposal.id])
    await expect(execute()).rejects.toMatchObject({ code: 'JANUS_AGENT_ALREADY_DECIDED', data: { status: 'expired' } })
  })

  test('does not live longer because the clock was set back', async () => {
    clock.pass(13 * 3600)
    clock.set('2026-03-01T12:30:00.000Z')
    await expect(execute()).rejects.toMatchObject(wanted)
  })

  test('does not live longer because the clock was set back over a reboot', async () => {
    clock.pass(13 * 3600)
    await put(record, sampleProposal())
    clock.set('2026-03-01T12:30:00.000Z')
    clock.reboot()
    await expect(execute(consumeContext({ terms: { bootId: 'boot-2' } }))).rejects.toMatchObject(wanted)
  })

  test('has when the clock was set forward: early rather than late', async () => {
    clock.set('2027-03-01T12:00:00.000Z')
    await expect(execute()).rejects.toMatchObject(wanted)
  })

  test('is good after a reboot when the clocks are right', async () => {
    clock.pass(3600)
    clock.reboot()
    expect(await execute(consumeContext({ terms: { bootId: 'boot-2' } }))).toMatchObject({ proposalId: proposal.id })
  })
})

describe('attack 14: the agent is killed while an action runs', () => {
  test('the next one finds it unknown, says so, and does not run it again', async () => {
    await execute()
    const next = await memoryRecord(clock, records)
    expect(await recoverExecutions(next)).toEqual([proposal.id])
    expect(next.state.open.get(proposal.id)).toMatchObject({
      status: 'unknown',
      reason: { text: expect.stringContaining('what it did is not known') },
    })
    await expect(consumeWarrant(next, { proposal: proposal.id, by: EXECUTOR }, consumeContext())).rejects.toMatchObject(
      { code: 'JANUS_AGENT_ALREADY_CONSUMED' },
    )
    expect(await recoverExecutions(next)).toEqual([])
  })
})

describe('a change of the rules', () => {
  const action = { kind: 'governance', change: { subject: 'mode', from: 'alpha', to: 'beta' } } as const
  const WEEK = 7 * 24 * 3600

  beforeEach(async () => {
    // Time does not stand still between two looks at the clock.
    record = await memoryRecord({
      monotonic: () => clock.monotonic(),
      now: () => {
        clock.pass(0.001)
        return clock.now()
      },
    })
    proposal = await put(record, sampleProposal({ risk: 'high', action }))
    await decideProposal(
      record,
      { proposal: proposal.id, decision: 'approve', by: ANA, digest: proposal.digest },
      decisionContext(record),
    )
  })

  test('is not made before its review time is over, and stays approved until then', async () => {
    clock.pass(WEEK - 60)
    expect(await expireProposals(record, { rules: RULES, bootId: 'boot-1' })).toEqual([])
    await expect(execute()).rejects.toMatchObject({ code: 'JANUS_AGENT_NOT_PERMITTED' })
    clock.pass(60)
    expect(await execute()).toMatchObject({ proposalId: proposal.id })
  })

  test('expires when it was not made in time after that', async () => {
    clock.pass(WEEK + 13 * 3600)
    await expect(execute()).rejects.toMatchObject({ code: 'JANUS_AGENT_EXPIRED' })
  })
})

describe('attack 17: the disk takes no more', () => {
  test('nothing runs whose beginning is not on the disk', async () => {
    let failing = false
    const fileOperations = {
      ...systemFileOperations,
      fsync: async (descriptor: number) => {
        if (failing) throw Object.assign(new Error('EIO'), { code: 'EIO' })
        await systemFileOperations.fsync(descriptor)
      },
    }
    const openStore = ledgerRecordStore(join(folder, 'record'), { fileOperations })
    record = await openAgentRecord({ vesselId: 'janus-in-balaur', clock, openStore })
    proposal = await approved()
    failing = true
    let started = 0
    const starting = () => execute().then(() => (started += 1))
    await expect(starting()).rejects.toMatchObject({ code: 'JANUS_LEDGER_WRITE_FAILED' })
    await expect(starting()).rejects.toMatchObject({})
    expect(started).toBe(0)
    await record.close()
    failing = false
    const next = await openAgentRecord({ vesselId: 'janus-in-balaur', clock, openStore })
    expect(next.state.open.get(proposal.id)?.status).toBe('approved')
    await next.close()
  })
})

test('what the mode or a control does not permit now stays approved', async () => {
  const permit = () => {
    throw agentError('JANUS_AGENT_NOT_PERMITTED', 'everything is stopped')
  }
  await expect(execute({ ...consumeContext(), permit })).rejects.toMatchObject({ code: 'JANUS_AGENT_NOT_PERMITTED' })
  expect(record.state.open.get(proposal.id)?.status).toBe('approved')
  expect(await execute()).toMatchObject({ proposalId: proposal.id })
})
