import type { LedgerRecord } from '@janus/core/ledger'
import { describe, expect, test } from 'vitest'
import { moveProposal } from '../../src/approval/move-proposal.js'
import { PROPOSAL_STATUSES, type ProposalStatus } from '../../src/index.js'
import { ENDS, isTransition } from '../../src/proposal/transition-table.js'
import { BEN, force, put } from '../support/decision-context.js'
import { memoryRecord } from '../support/memory-record.js'
import { sampleProposal } from '../support/sample-proposal.js'

/** The legal moves, written down a second time: who changes the table changes both. */
const LEGAL = new Set([
  'draft proposed',
  'draft cancelled',
  'proposed approved',
  'proposed rejected',
  'proposed suspended',
  'proposed expired',
  'proposed stale',
  'proposed cancelled',
  'approved executing',
  'approved rejected',
  'approved suspended',
  'approved expired',
  'approved stale',
  'approved cancelled',
  'executing completed',
  'executing failed',
  'executing suspended',
  'executing unknown',
  'suspended proposed',
  'suspended rejected',
  'suspended cancelled',
  'unknown completed',
  'unknown failed',
])

/** How a proposal comes to a status. */
const WAYS: Readonly<Record<Exclude<ProposalStatus, 'draft'>, readonly ProposalStatus[]>> = {
  proposed: [],
  approved: ['approved'],
  rejected: ['rejected'],
  executing: ['approved', 'executing'],
  completed: ['approved', 'executing', 'completed'],
  failed: ['approved', 'executing', 'failed'],
  suspended: ['suspended'],
  expired: ['approved', 'expired'],
  stale: ['approved', 'stale'],
  cancelled: ['cancelled'],
  unknown: ['approved', 'executing', 'unknown'],
}

const pairs = PROPOSAL_STATUSES.flatMap((from) => PROPOSAL_STATUSES.map((to) => [from, to] as const))

describe('the transition table', () => {
  test.each(pairs)('%s to %s', async (from, to) => {
    const legal = LEGAL.has(`${from} ${to}`)
    expect(isTransition(from, to)).toBe(legal)
    const records: LedgerRecord[] = []
    const record = await memoryRecord(undefined, records)
    const proposal = sampleProposal()
    if (from === 'draft') {
      await record.commit(() => ({
        events: [{ type: 'proposal-created', payload: { proposal, status: 'draft' } }],
        answer: undefined,
      }))
    } else {
      await put(record, proposal)
      for (const step of WAYS[from]) await force(record, proposal.id, step)
    }
    const moving = moveProposal(record, { proposal: proposal.id, to, by: BEN, reason: { text: 'a test' } })
    // A draft repeats another proposal: it was set aside, and nothing in this version takes it up again.
    if (legal && from !== 'draft') {
      await moving
      const { open, ended } = record.state
      expect(open.get(proposal.id)?.status ?? ended.get(proposal.id)?.status).toBe(to)
      expect(record.state.counts).toMatchObject({ [to]: 1, [from]: 0 })
      return
    }
    const code = ENDS.has(from) ? 'JANUS_AGENT_ALREADY_DECIDED' : 'JANUS_AGENT_TRANSITION_ILLEGAL'
    await expect(moving).rejects.toMatchObject({ code })
    expect(records.at(-1)).toMatchObject({ type: 'request-refused', payload: { code, by: BEN, proposal: proposal.id } })
    expect(record.state.counts[from]).toBe(1)
  })

  test('leads to an end from everywhere', () => {
    const leadsToEnd = (from: ProposalStatus): boolean =>
      ENDS.has(from) || PROPOSAL_STATUSES.some((to) => to !== from && ENDS.has(to) && isTransition(from, to))
    expect(PROPOSAL_STATUSES.filter((status) => !leadsToEnd(status))).toEqual([])
  })
})
