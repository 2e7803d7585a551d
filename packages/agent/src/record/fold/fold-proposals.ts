import type { Proposal, ProposalRecord, ProposalStatus } from '../../contract/proposal.js'
import { actionDigest } from '../../proposal/proposal-digest.js'
import { ENDS } from '../../proposal/transition-table.js'
import type { AgentEvents } from '../agent-event.js'
import { MOST_BEGUN, type RecentProposal } from '../agent-state.js'
import { addBounded, pushBounded, setBounded } from './bounded.js'
import { foldOutcome, foldOutcomeFinal } from './fold-mode.js'
import type { MutableState } from './mutable-state.js'

const MOST_ENDED = 1000
const MOST_RECENT = 500
const MOST_CONSUMED = 1000
const MOST_EXECUTIONS = 500
const MOST_ROLLBACKS = 1000

/** Takes a new proposal in. A draft is a repetition that was suppressed: it is counted and never worked on. */
export function foldProposalCreated(
  state: MutableState,
  { proposal, status }: AgentEvents['proposal-created'],
  at: string,
): void {
  count(state, undefined, status)
  setBounded(state.recent, proposal.id, recentOf(proposal, status), MOST_RECENT)
  if (status === 'draft') return
  const record: ProposalRecord = { proposal, status, revision: 1, decisions: [], proposedAt: at, updatedAt: at }
  state.open.set(proposal.id, record)
}

/** Moves a proposal. Whether it may go there was decided before the event was written. */
export function foldProposalMoved(state: MutableState, moved: AgentEvents['proposal-moved'], at: string): void {
  const record = state.open.get(moved.proposal)
  if (record === undefined) return
  count(state, record.status, moved.to)
  if (moved.to === 'approved' || moved.to === 'rejected') foldOutcome(state, moved.proposal, moved.to, moved.by, at)
  const recent = state.recent.get(moved.proposal)
  if (recent !== undefined) state.recent.set(moved.proposal, { ...recent, status: moved.to })
  if (record.warrant !== undefined && moved.to !== 'executing') state.warrants.delete(record.warrant)
  const { reason } = moved
  if (ENDS.has(moved.to)) {
    state.open.delete(moved.proposal)
    state.scheduled.delete(moved.proposal)
    foldOutcomeFinal(state, moved.proposal)
    const { id, digest } = record.proposal
    const ended = { id, status: moved.to, digest, decisions: record.decisions, endedAt: at, endedBy: moved.by }
    setBounded(state.ended, id, reason === undefined ? ended : { ...ended, reason }, MOST_ENDED)
    return
  }
  const { timedOutAt, reason: earlier, warrant, ...kept } = record
  const next = { ...kept, status: moved.to, revision: moved.revision + 1, updatedAt: at }
  const because = reason === undefined ? {} : { reason }
  if (moved.to === 'proposed') {
    state.open.set(moved.proposal, { ...next, ...because, decisions: [], proposedAt: at })
    return
  }
  state.open.set(moved.proposal, {
    ...next,
    ...(timedOutAt === undefined ? {} : { timedOutAt }),
    ...(warrant === undefined ? {} : { warrant }),
    ...(earlier === undefined ? {} : { reason: earlier }),
    ...because,
  })
}

/** Adds the decision of one approver. */
export function foldProposalDecided(state: MutableState, decided: AgentEvents['proposal-decided'], at: string): void {
  const record = state.open.get(decided.proposal)
  if (record === undefined) return
  state.open.set(decided.proposal, {
    ...record,
    revision: decided.revision + 1,
    decisions: [...record.decisions, decided.decision],
    updatedAt: at,
  })
}

/** Notes that a proposal waited too long. */
export function foldProposalTimedOut(
  state: MutableState,
  { proposal }: { readonly proposal: string },
  at: string,
): void {
  const record = state.open.get(proposal)
  if (record !== undefined) state.open.set(proposal, { ...record, timedOutAt: at })
}

/** Takes a warrant in, until it is used up or its proposal moves on. */
export function foldWarrantIssued(state: MutableState, { warrant }: AgentEvents['warrant-issued']): void {
  state.warrants.set(warrant.nonce, warrant)
  const record = state.open.get(warrant.proposalId)
  if (record !== undefined) state.open.set(warrant.proposalId, { ...record, warrant: warrant.nonce })
}

/** Uses a warrant up. */
export function foldWarrantConsumed(state: MutableState, { nonce }: AgentEvents['warrant-consumed'], at: string): void {
  pushBounded(state.begun, Date.parse(at), MOST_BEGUN)
  state.warrants.delete(nonce)
  addBounded(state.consumed, nonce, MOST_CONSUMED)
}

/** Notes how an execution ended. */
export function foldExecutionEnded(state: MutableState, ended: AgentEvents['execution-ended'], at: string): void {
  const { outcome } = ended.result
  // What was suspended says nothing of failing; what nobody saw the end of did not succeed.
  if (outcome === 'suspended') return
  const failed = outcome !== 'completed'
  pushBounded(state.executions, { proposal: ended.proposal, at, failed }, MOST_EXECUTIONS)
}

/** Notes that a rollback was begun: nobody begins it again. */
export function foldRollbackStarted(
  state: MutableState,
  { proposal, nonce, by }: AgentEvents['rollback-started'],
  at: string,
): void {
  setBounded(state.rollbacks, proposal, { nonce, by, at, outcome: undefined }, MOST_ROLLBACKS)
}

/** Notes how a rollback ended. */
export function foldRollbackEnded(state: MutableState, { proposal, result }: AgentEvents['rollback-ended']): void {
  const started = state.rollbacks.get(proposal)
  if (started !== undefined) state.rollbacks.set(proposal, { ...started, outcome: result.outcome })
}

function count(state: MutableState, from: ProposalStatus | undefined, to: ProposalStatus): void {
  if (from !== undefined) state.counts[from] -= 1
  state.counts[to] += 1
}

function recentOf({ id, content }: Proposal, status: ProposalStatus): RecentProposal {
  const { actionType, rationale, action } = content
  return { id, actionType, rationale, actionDigest: actionDigest(action), status }
}
