import { describe, expect, it } from 'vitest'
import { chooseRollback } from '../../src/transaction/choose-rollback.js'
import type { TransactionRecord } from '../../src/transaction/read-transactions.js'

const BOOT = 'a-boot'

function transaction(id: string, path: string, phase: TransactionRecord['phase'], bootId = BOOT): TransactionRecord {
  const changes = [{ kind: 'write-attribute', path, value: '1', why: 'a test says so', scope: 'runtime', undo: [] }]
  const record = {
    stages: [],
    begin: { id, bootId, plan: { changes } },
    startedAt: '2026-01-01T00:00:00.000Z',
    process: { pid: 1, startTime: '1' },
    hands: [],
    steps: new Map(),
    undos: new Map(),
    phase,
  }
  return record as unknown as TransactionRecord
}

describe('the choice of what to roll back', () => {
  it.each(['applying', 'undoing'] as const)('takes no older transaction while the newest is %s', (phase) => {
    const records = [transaction('t-1', '/sys/a', 'applied'), transaction('t-2', '/sys/b', phase)]
    expect(() => chooseRollback(records, {}, BOOT)).toThrow(expect.objectContaining({ code: 'JANUS_RECOVERY_NEEDED' }))
  })

  it('refuses a named one that an interrupted later one touched, also with cascade', () => {
    const records = [transaction('t-1', '/sys/a', 'applied'), transaction('t-2', '/sys/a', 'applying')]
    for (const cascade of [false, true])
      expect(() => chooseRollback(records, { transaction: 't-1', cascade }, BOOT)).toThrow(
        expect.objectContaining({ code: 'JANUS_RECOVERY_NEEDED', message: expect.stringContaining('t-2') }),
      )
  })

  it('lets an interrupted one elsewhere, or of an earlier boot, stand in nobody’s way', () => {
    const elsewhere = [transaction('t-1', '/sys/a', 'applied'), transaction('t-2', '/sys/b', 'applying')]
    expect(chooseRollback(elsewhere, { transaction: 't-1' }, BOOT)).toEqual([elsewhere[0]])
    const earlier = [transaction('t-1', '/sys/a', 'applied'), transaction('t-2', '/sys/a', 'applying', 'other')]
    expect(chooseRollback(earlier, {}, BOOT)).toEqual([earlier[0]])
  })
})
