import { isJanusError, type JanusError } from '@janus/core'
import type { Actor } from '../contract/actor.js'
import type { DecisionAnswer, SignedDecision } from '../contract/agent.js'
import type { Decision, Proposal, ProposalRecord } from '../contract/proposal.js'
import type { ResolvedAction } from '../contract/warrant.js'
import { agentError } from '../errors/agent-error.js'
import type { AgentEvent } from '../record/agent-event.js'
import type { AgentRecord } from '../record/agent-record.js'
import type { AgentState } from '../record/agent-state.js'
import { commitOrRefuse } from '../record/commit-or-refuse.js'
import { issueWarrant, type Moment, type WarrantTerms } from '../warrant/issue-warrant.js'
import { alreadyDecided, refuseNotOpen, settledInState } from './already-decided.js'
import { type ApprovalRules, approvalsNeeded, approvalsOf, requireDecider } from './approval-rules.js'
import {
  requireDecidable,
  requireDigest,
  requireInTime,
  requireNewDecider,
  requireOtherThanProposer,
  requireSignature,
} from './decision-requirements.js'

/** A decision as it was asked for. */
export interface DecisionRequest {
  readonly proposal: string
  readonly decision: 'approve' | 'reject'
  /** Who brings it; with `signed` it is made by the holder of the key. */
  readonly by: Actor
  readonly signed?: SignedDecision
  /** What was read, whole or at least its first 8 digits; an approval has one. */
  readonly digest?: string
  readonly reason?: string
  readonly label?: string
  readonly allowStale?: boolean
  readonly withdraw?: boolean
}

/** What a decision depends on besides the record. */
export interface DecisionContext {
  readonly rules: ApprovalRules
  readonly terms: WarrantTerms
  /**
   * Resolves what a proposal would really run, now.
   * @param approvedAt the time that the approval will bear, ISO 8601
   * @throws a JanusError when it cannot be resolved
   */
  resolve(
    proposal: Proposal,
    approvedAt: string,
  ): Promise<{ readonly action: ResolvedAction; readonly rollback: ResolvedAction | null }>
  /** Throws when the policy, the mode or a control does not let this be approved. */
  permit(state: AgentState, record: ProposalRecord, by: Actor): void
  /** What else is recorded with the approval that completes it: that a change of the rules is scheduled. */
  approved?(state: AgentState, record: ProposalRecord, at: string): readonly AgentEvent[]
  /** Lets a rule of the agent approve; without it only people do. @throws JANUS_AGENT_NOT_PERMITTED */
  permitRule?(state: AgentState, record: ProposalRecord): void
}

/**
 * Decides a proposal. The first decision counts, whoever is second is told what it was; an approval that completes the quorum moves the proposal and
 * issues its warrant in the same durable step. Refusals are recorded.
 * @throws JANUS_AGENT_PROPOSAL_NOT_FOUND; JANUS_AGENT_ALREADY_DECIDED; JANUS_AGENT_TRANSITION_ILLEGAL; JANUS_AGENT_DIGEST_MISMATCH;
 * JANUS_AGENT_IDENTITY_REFUSED; JANUS_AGENT_SIGNATURE_INVALID; JANUS_AGENT_SELF_APPROVAL; JANUS_AGENT_TIMED_OUT; what `resolve` and `permit` throw
 */
export async function decideProposal(
  record: AgentRecord,
  request: DecisionRequest,
  context: DecisionContext,
): Promise<DecisionAnswer> {
  const { proposal: id, decision, signed } = request
  const by: Actor =
    signed === undefined ? request.by : { kind: 'key', keyId: signed.keyId, name: keyName(record, signed) }
  const open = record.state.open.get(id)
  if (open === undefined) return refuseNotOpen(record, request.by, id)
  // One moment for all of it: what is resolved, the decision, the beginning of the warrant.
  const at: Moment = { now: record.clock.now(), monotonic: record.clock.monotonic() }
  const resolved =
    decision === 'approve' && open.status === 'proposed' ? await resolveOrRefuse(context, open, at) : undefined
  // A refusal is that of whoever brought it: a signature that is not good names nobody.
  return commitOrRefuse(record, { by: request.by, proposal: id }, (state) => {
    const current = state.open.get(id)
    if (current === undefined) throw alreadyDecided(settledInState(state, id) ?? unremembered(open))
    const { now } = at
    requireDecidable(current, request)
    requireDigest(current, request)
    if (signed !== undefined) requireSignature(state, current, request, signed, now)
    if (by.kind === 'system') permitRule(state, current, context)
    else requireDecider(context.rules, by, state.keys)
    const made = decisionOf(current, request, by, now)
    if (decision === 'reject') return reject(state, current, made)
    requireNewDecider(state, current, by)
    requireOtherThanProposer(state, current, by, context.rules)
    requireInTime(current, request, context.rules, now)
    context.permit(state, current, by)
    if (resolved instanceof Error) throw resolved
    return approve(at, state, current, made, resolved, context)
  })
}

type Resolved = Awaited<ReturnType<DecisionContext['resolve']>>

/** An error is kept: who decides is looked at before what is decided. */
async function resolveOrRefuse(
  context: DecisionContext,
  { proposal }: ProposalRecord,
  { now }: Moment,
): Promise<Resolved | JanusError> {
  try {
    return await context.resolve(proposal, now.toISOString())
  } catch (error) {
    if (isJanusError(error)) return error
    throw error
  }
}

function permitRule(state: AgentState, current: ProposalRecord, { permitRule: permit, rules }: DecisionContext): void {
  if (permit === undefined || approvalsNeeded(rules, current) > 1) {
    throw agentError('JANUS_AGENT_IDENTITY_REFUSED', `the proposal ${current.proposal.id} is for people to decide`)
  }
  permit(state, current)
}

function decisionOf(current: ProposalRecord, request: DecisionRequest, by: Actor, now: Date): Decision {
  const { decision, reason, label, signed, allowStale = false, withdraw = false } = request
  return {
    decision,
    by,
    at: now.toISOString(),
    digest: current.proposal.digest,
    ...(reason === undefined ? {} : { reason }),
    ...(label === undefined ? {} : { label }),
    ...(signed === undefined ? {} : { signed: { ...signed, allowStale, withdraw } }),
  }
}

function reject(
  state: AgentState,
  current: ProposalRecord,
  decision: Decision,
): { events: readonly AgentEvent[]; answer: DecisionAnswer } {
  const { proposal, revision, status } = current
  const text = decision.reason ?? 'rejected'
  return {
    events: [
      { type: 'proposal-decided', payload: { proposal: proposal.id, revision, decision } },
      {
        type: 'proposal-moved',
        payload: {
          proposal: proposal.id,
          revision: revision + 1,
          from: status,
          to: 'rejected',
          by: decision.by,
          reason: { text },
        },
      },
    ],
    answer: {
      proposal: proposal.id,
      status: 'rejected',
      decision,
      approvals: approvalsOf(current, state.keys),
      approvalsNeeded: 0,
    },
  }
}

function approve(
  at: Moment,
  state: AgentState,
  current: ProposalRecord,
  decision: Decision,
  resolved: Resolved | undefined,
  context: DecisionContext,
): { events: readonly AgentEvent[]; answer: DecisionAnswer } {
  const { proposal, revision, status } = current
  const needed = approvalsNeeded(context.rules, current)
  const decided: AgentEvent = { type: 'proposal-decided', payload: { proposal: proposal.id, revision, decision } }
  const approved: ProposalRecord = { ...current, decisions: [...current.decisions, decision] }
  const approvals = approvalsOf(approved, state.keys)
  const answer = { proposal: proposal.id, decision, approvals, approvalsNeeded: needed }
  if (approvals < needed) return { events: [decided], answer: { ...answer, status } }
  if (resolved === undefined) throw agentError('JANUS_AGENT_STALE', `the proposal ${proposal.id} was not resolved`)
  const warrant = issueWarrant({ at, state, approved, resolved, terms: context.terms })
  return {
    events: [
      decided,
      {
        type: 'proposal-moved',
        payload: { proposal: proposal.id, revision: revision + 1, from: status, to: 'approved', by: decision.by },
      },
      { type: 'warrant-issued', payload: { warrant } },
      ...(context.approved?.(state, current, decision.at) ?? []),
    ],
    answer: { ...answer, status: 'approved', expires: warrant.expires },
  }
}

/** More proposals ended meanwhile than the state remembers. */
function unremembered({
  proposal,
  status,
  decisions,
  updatedAt,
}: ProposalRecord): Parameters<typeof alreadyDecided>[0] {
  return { id: proposal.id, status, decisions, at: updatedAt }
}

function keyName({ state }: AgentRecord, { keyId }: SignedDecision): string {
  return state.keys.get(keyId)?.name ?? keyId
}
