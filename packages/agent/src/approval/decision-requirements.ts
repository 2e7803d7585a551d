import type { Actor } from '../contract/actor.js'
import type { SignedDecision } from '../contract/agent.js'
import type { ProposalRecord, ProposalStatus } from '../contract/proposal.js'
import { agentError } from '../errors/agent-error.js'
import { decisionStatement } from '../identity/decision-statement.js'
import { verifyStatement } from '../identity/statement.js'
import { isTransition } from '../proposal/transition-table.js'
import type { AgentState } from '../record/agent-state.js'
import { alreadyDecided, nameOf } from './already-decided.js'
import type { ApprovalRules } from './approval-rules.js'
import type { DecisionRequest } from './decide-proposal.js'
import { samePerson } from './same-person.js'

/** Milliseconds that the clock of whoever signs may be ahead. */
const FUTURE = 5 * 60 * 1000

/** A proposal that can still be decided like that. @throws JANUS_AGENT_ALREADY_DECIDED; JANUS_AGENT_TRANSITION_ILLEGAL */
export function requireDecidable(
  { proposal, status, decisions, reason, updatedAt }: ProposalRecord,
  request: DecisionRequest,
): void {
  const to: ProposalStatus = request.decision === 'approve' ? 'approved' : 'rejected'
  const settled = status === 'approved' ? request.withdraw !== true : status === 'executing' || status === 'unknown'
  if (settled) throw alreadyDecided({ id: proposal.id, status, decisions, ...(reason && { reason }), at: updatedAt })
  if (isTransition(status, to)) return
  throw agentError('JANUS_AGENT_TRANSITION_ILLEGAL', `the proposal ${proposal.id} is ${status}: it cannot be ${to}`, {
    data: { proposal: proposal.id, from: status, to },
    ...(status === 'suspended' && { remedy: 'Put it up for review again with `janus agent proposals resubmit`.' }),
  })
}

/** What was read is what is recorded; an approval says what was read. @throws JANUS_AGENT_DIGEST_MISMATCH */
export function requireDigest({ proposal }: ProposalRecord, { digest, decision }: DecisionRequest): void {
  if (digest === undefined && decision === 'reject') return
  if (digest !== undefined && digest.length >= 8 && proposal.digest.startsWith(digest)) return
  throw agentError(
    'JANUS_AGENT_DIGEST_MISMATCH',
    `the proposal ${proposal.id} has the digest ${proposal.digest.slice(0, 16)}…, and what was read has ${digest ?? 'none'}`,
    { data: { proposal: proposal.id, recorded: proposal.digest, read: digest ?? null } },
  )
}

/** The holder of the key signed exactly this decision, since the proposal was made. @throws JANUS_AGENT_SIGNATURE_INVALID */
export function requireSignature(
  state: AgentState,
  { proposal, proposedAt }: ProposalRecord,
  request: DecisionRequest,
  signed: SignedDecision,
  now: Date,
): void {
  const key = state.keys.get(signed.keyId)
  const { decision, reason = null, label = null, allowStale = false, withdraw = false } = request
  const statement = decisionStatement({
    vesselId: state.vesselId,
    recordId: state.recordId,
    proposal: proposal.id,
    digest: proposal.digest,
    decision,
    reason,
    label,
    allowStale,
    withdraw,
    at: signed.at,
  })
  if (key === undefined || !verifyStatement(key, statement, signed)) {
    throw agentError('JANUS_AGENT_SIGNATURE_INVALID', `the key ${signed.keyId} did not sign this decision`, {
      data: { proposal: proposal.id, keyId: signed.keyId },
    })
  }
  const at = Date.parse(signed.at)
  if (at >= Date.parse(proposedAt) && at <= now.getTime() + FUTURE) return
  throw agentError(
    'JANUS_AGENT_SIGNATURE_INVALID',
    `the decision was signed at ${signed.at}, not since ${proposedAt}`,
    {
      data: { proposal: proposal.id, signedAt: signed.at, proposedAt },
    },
  )
}

/** Nobody approves twice. @throws JANUS_AGENT_ALREADY_DECIDED */
export function requireNewDecider(
  state: AgentState,
  { proposal, decisions, status, updatedAt }: ProposalRecord,
  by: Actor,
): void {
  if (!decisions.some((earlier) => samePerson(earlier.by, by, state.keys))) return
  throw alreadyDecided({ id: proposal.id, status, decisions, at: updatedAt })
}

/** Nobody approves what they proposed, and the user of the agent not what the agent did. @throws JANUS_AGENT_SELF_APPROVAL */
export function requireOtherThanProposer(
  state: AgentState,
  { proposal }: ProposalRecord,
  by: Actor,
  { agentUid }: ApprovalRules,
): void {
  const byAgentItself = proposal.proposer.kind === 'agent' && by.kind === 'user' && by.uid === agentUid
  if (!byAgentItself && !samePerson(proposal.proposer, by, state.keys)) return
  const why = byAgentItself
    ? 'the agent runs as this user: sign with an enrolled key'
    : 'who approves must be somebody else'
  throw agentError('JANUS_AGENT_SELF_APPROVAL', `${nameOf(by)} proposed ${proposal.id}: ${why}`, {
    data: { proposal: proposal.id },
  })
}

/** The approval timeout has not passed, or whoever approves knows that it has. @throws JANUS_AGENT_TIMED_OUT */
export function requireInTime(
  { proposal, proposedAt, timedOutAt }: ProposalRecord,
  { allowStale }: DecisionRequest,
  { timeoutSeconds }: ApprovalRules,
  now: Date,
): void {
  const seconds = (now.getTime() - Date.parse(proposedAt)) / 1000
  if (allowStale === true || (timedOutAt === undefined && seconds < timeoutSeconds)) return
  const hours = Math.floor(seconds / 3600)
  throw agentError('JANUS_AGENT_TIMED_OUT', `the proposal ${proposal.id} has waited since ${proposedAt} (${hours} h)`, {
    data: { proposal: proposal.id, proposedAt },
  })
}
