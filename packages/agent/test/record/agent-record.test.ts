import type { LedgerRecord } from '@janus/core/ledger'
import { describe, expect, test } from 'vitest'
import { type AgentEvent, memoryRecordStore, openAgentRecord } from '../../src/index.js'
import { sampleProposal } from '../support/sample-proposal.js'

const clock = { now: () => new Date('2026-01-02T03:04:05.000Z'), monotonic: () => 0 }
const violation: AgentEvent = {
  type: 'violation-recorded',
  payload: { code: 'TEST', summary: 'made by the test', by: { kind: 'system', name: 'test' } },
}

describe('the record of an agent', () => {
  test('what was committed is there again when it is opened the next time', async () => {
    const records: LedgerRecord[] = []
    const first = await openAgentRecord({ vesselId: 'balaur', clock, openStore: memoryRecordStore(records) })
    await first.commit(() => ({ events: [violation], answer: undefined }))
    const second = await openAgentRecord({ vesselId: 'balaur', clock, openStore: memoryRecordStore(records) })
    expect(second.state).toEqual(first.state)
    expect(second.state.violations.total).toBe(1)
    expect(second.state.recordId).toMatch(/^[0-9a-f]{32}$/)
  })

  test('whoever decides second sees what the first decided, before it is durable', async () => {
    const record = await openAgentRecord({ vesselId: 'balaur', clock, openStore: memoryRecordStore() })
    const onlyOnce = () =>
      record.commit((state) => {
        if (state.violations.total > 0) throw new Error('somebody was quicker')
        return { events: [violation], answer: 'mine' }
      })
    const outcomes = await Promise.allSettled([onlyOnce(), onlyOnce(), onlyOnce()])
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  })

  test('an event that is not known is refused, not skipped', async () => {
    const records: LedgerRecord[] = []
    await (await openAgentRecord({ vesselId: 'balaur', clock, openStore: memoryRecordStore(records) })).close()
    const foreign = { ...records[0], seq: 2, type: 'proposal-teleported' } as LedgerRecord
    await expect(
      openAgentRecord({ vesselId: 'balaur', clock, openStore: memoryRecordStore([...records, foreign]) }),
    ).rejects.toMatchObject({ code: 'JANUS_AGENT_RECORD_FOREIGN' })
  })

  test('whose beginning is gone is refused: nothing removes events, and what they said would be forgotten', async () => {
    const records: LedgerRecord[] = []
    const openStore = memoryRecordStore(records)
    const first = await openAgentRecord({ vesselId: 'balaur', clock, openStore })
    for (let times = 0; times < 3; times += 1) await first.commit(() => ({ events: [violation], answer: undefined }))
    await first.close()
    const left = records.slice(2)
    await expect(
      openAgentRecord({ vesselId: 'balaur', clock, openStore: memoryRecordStore(left) }),
    ).rejects.toMatchObject({ code: 'JANUS_AGENT_RECORD_FOREIGN', message: expect.stringContaining('event 3') })
    expect(left).toHaveLength(2)
  })

  test('that says its oldest events have expired is refused before any of them is removed', async () => {
    const records: LedgerRecord[] = []
    await (await openAgentRecord({ vesselId: 'balaur', clock, openStore: memoryRecordStore(records) })).close()
    const forged = { ...records[0], seq: 2, type: 'ledger-expired', payload: { segments: [] } } as LedgerRecord
    await expect(
      openAgentRecord({ vesselId: 'balaur', clock, openStore: memoryRecordStore([...records, forged]) }),
    ).rejects.toMatchObject({ code: 'JANUS_AGENT_RECORD_FOREIGN', message: expect.stringContaining('expired') })
  })

  test('is as it was written, whatever becomes of the objects it was given', async () => {
    const record = await openAgentRecord({ vesselId: 'balaur', clock, openStore: memoryRecordStore() })
    const proposal = { ...sampleProposal() }
    await record.commit(() => ({
      events: [{ type: 'proposal-created', payload: { proposal, status: 'proposed' } }],
      answer: 0,
    }))
    const { id, digest } = proposal
    Object.assign(proposal.content, { rationale: 'something else' })
    Object.assign(proposal, { digest: '0'.repeat(64) })
    const kept = record.state.open.get(id)?.proposal
    expect(kept?.digest).toBe(digest)
    expect(kept?.content.rationale).not.toBe('something else')
  })

  test('takes no step that is too large for the files, and goes on', async () => {
    const record = await openAgentRecord({ vesselId: 'balaur', clock, openStore: memoryRecordStore() })
    const large = {
      ...violation,
      payload: { ...violation.payload, summary: 'x'.repeat(17 * 1024 * 1024) },
    } as AgentEvent
    await expect(record.commit(() => ({ events: [large], answer: 0 }))).rejects.toMatchObject({
      code: 'JANUS_AGENT_REQUEST_INVALID',
    })
    expect(record.state.violations.total).toBe(0)
    await record.commit(() => ({ events: [violation], answer: 0 }))
    expect(record.state.violations.total).toBe(1)
  })

  test('decides nothing more once the files have refused something', async () => {
    let refusing = false
    const inner = memoryRecordStore()
    const openStore: typeof inner = async (onRecord) => {
      const store = await inner(onRecord)
      const append: typeof store.append = async (events, at) => {
        if (refusing) throw new Error('the disk is gone')
        return store.append(events, at)
      }
      return { ...store, append, lastSeq: 1, lastHash: '' }
    }
    const record = await openAgentRecord({ vesselId: 'balaur', clock, openStore })
    const commit = () => record.commit(() => ({ events: [violation], answer: 0 }))
    await commit()
    refusing = true
    await expect(commit()).rejects.toThrow('the disk is gone')
    refusing = false
    await expect(commit()).rejects.toThrow('the disk is gone')
    await expect(record.commit(() => ({ events: [], answer: 0 }))).rejects.toThrow('the disk is gone')
    const refusal = record.commit(() => {
      throw new Error('somebody was quicker')
    })
    await expect(refusal).rejects.toThrow('the disk is gone')
  })
})
