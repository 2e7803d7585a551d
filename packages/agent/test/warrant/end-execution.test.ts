import { describe, expect, test } from 'vitest'
import type { ExecutionOutcome, ExecutionResult } from '../../src/index.js'
import { endExecution } from '../../src/index.js'
import { EXECUTOR, force, put } from '../support/decision-context.js'
import { memoryRecord } from '../support/memory-record.js'
import { sampleProposal } from '../support/sample-proposal.js'

const result = (outcome: ExecutionOutcome): ExecutionResult => ({
  outcome,
  summary: 'the disk is full',
  exitStatus: 1,
  runtimeSeconds: 2,
  argumentsHash: 'a',
  outputDigest: 'b',
  cpuPercent: null,
  memoryMb: null,
  details: {},
})

describe('the end of an execution', () => {
  test.each([
    ['completed', 'completed'],
    ['failed', 'failed'],
    ['failed-dirty', 'failed'],
    ['unknown', 'unknown'],
    ['suspended', 'suspended'],
  ] as const)('%s is recorded together with where its proposal stands: %s', async (outcome, status) => {
    const record = await memoryRecord()
    const { id } = await put(record, sampleProposal())
    await force(record, id, 'approved')
    await force(record, id, 'executing')
    const before = record.state.lastSeq
    expect(await endExecution(record, { proposal: id, result: result(outcome), by: EXECUTOR })).toBe(status)
    expect(record.state.lastSeq).toBe(before + (outcome === 'failed-dirty' ? 3 : 2))
    const stands = record.state.open.get(id) ?? record.state.ended.get(id)
    expect(stands).toMatchObject({ status })
    expect(stands?.reason?.text).toBe(outcome === 'completed' ? undefined : `${outcome}: the disk is full`)
  })

  test('attack 30: a rollback that failed too is a violation, and the mode falls back to alpha in the same step', async () => {
    const record = await memoryRecord()
    const by = { kind: 'system', name: 'test' } as const
    const payload = { from: 'alpha', to: 'beta', by, because: 'promotion', evidence: null } as const
    await record.commit(() => ({ events: [{ type: 'mode-changed', payload }], answer: undefined }))
    for (const outcome of ['failed', 'failed-dirty'] as const) {
      const { id } = await put(record, sampleProposal())
      await force(record, id, 'approved')
      await force(record, id, 'executing')
      await endExecution(record, { proposal: id, result: result(outcome), by: EXECUTOR })
      expect(record.state.mode.mode).toBe(outcome === 'failed' ? 'beta' : 'alpha')
    }
    expect(record.state.violations).toMatchObject({
      total: 1,
      latest: { code: 'FAILED_DIRTY', summary: expect.stringContaining('the disk is full') },
    })
  })

  test.each(['proposed', 'approved', 'rejected'] as const)(
    'of what is %s is refused, and nothing is recorded',
    async (status) => {
      const record = await memoryRecord()
      const { id } = await put(record, sampleProposal())
      if (status !== 'proposed') await force(record, id, status)
      const { lastSeq } = record.state
      await expect(
        endExecution(record, { proposal: id, result: result('completed'), by: EXECUTOR }),
      ).rejects.toMatchObject({ code: 'JANUS_AGENT_TRANSITION_ILLEGAL', data: { proposal: id, status } })
      expect(record.state.lastSeq).toBe(lastSeq)
    },
  )
})
