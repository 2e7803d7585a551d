import type { LedgerRecord } from '@janus/core/ledger'
import { describe, expect, test } from 'vitest'
import { type AgentEvent, memoryRecordStore, openAgentRecord } from '../../src/index.js'

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
})
