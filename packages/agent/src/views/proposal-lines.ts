import { nameOf } from '../approval/already-decided.js'
import type { Action } from '../contract/action.js'
import type { ExecutionResult } from '../contract/execution.js'
import type { ProposalRecord } from '../contract/proposal.js'
import { sourceOf } from '../local/proposal-rows.js'
import { documentStatus } from './document-status.js'
import { viewLine } from './view-line.js'

/** How an execution ended, and when. */
export interface EndedExecution {
  readonly result: ExecutionResult
  readonly at: string
}

/** A proposal as the proposals log of the documents has it: whole, one line for each change of its status, the last one counts. */
export function proposalLine(record: ProposalRecord, execution: EndedExecution | undefined): string {
  const { proposal, status, decisions, reason } = record
  const { content, risk } = proposal
  const approval = decisions.filter(({ decision }) => decision === 'approve').at(-1)
  return viewLine({
    proposal_id: proposal.id,
    timestamp: proposal.createdAt,
    vessel_id: content.vesselId,
    mission_context: content.missionContext,
    action_type: content.actionType,
    rationale: content.rationale,
    expected_outcome: content.expectedOutcome,
    risk_level: risk.level,
    risk_mitigation: content.riskMitigation,
    rollback_plan: content.rollbackPlan,
    tool_name: sourceOf(content.action),
    ...toolArguments(content.action),
    status: documentStatus(status),
    metadata: metadataOf(record),
    ...(approval === undefined ? {} : { approval_timestamp: approval.at, approval_source: nameOf(approval.by) }),
    ...(status === 'rejected' ? { rejection_reason: reason?.text ?? 'rejected' } : {}),
    ...(execution === undefined ? {} : { execution_result: executionResult(execution) }),
  })
}

/** A proposal that waits for a decision, as the approval queue of the documents has it. */
export function queueLine({ proposal, proposedAt }: ProposalRecord): string {
  const { content, risk } = proposal
  return viewLine({
    proposal_id: proposal.id,
    timestamp: proposedAt,
    action_type: content.actionType,
    risk_level: risk.level,
    summary: {
      rationale: content.rationale,
      expected_outcome: content.expectedOutcome,
      tool: sourceOf(content.action),
    },
  })
}

/** What a plan does stands in the plan: here is only which one it is. */
function toolArguments(action: Action): { readonly tool_args: readonly string[]; readonly tool_kwargs: object } {
  switch (action.kind) {
    case 'tool':
      return { tool_args: action.args, tool_kwargs: action.kwargs }
    case 'module':
      return { tool_args: [action.plan.digest], tool_kwargs: {} }
    case 'governance':
      return { tool_args: [], tool_kwargs: {} }
  }
}

function metadataOf({ proposal, status, decisions, reason }: ProposalRecord): Readonly<Record<string, unknown>> {
  const { content, novelty, risk, digest, proposer } = proposal
  const label = decisions.at(-1)?.label
  return {
    ...content.metadata,
    action_type_normalized: content.actionType,
    suppressed: status === 'draft',
    novelty_score: novelty.score,
    ...(novelty.duplicateOf === undefined ? {} : { duplicate_of: novelty.duplicateOf }),
    kind: content.action.kind,
    digest,
    proposer: nameOf(proposer),
    declared_risk: content.declaredRisk,
    risk_reasons: risk.reasons.map(({ because }) => because),
    janus_status: status,
    ...(reason === undefined ? {} : { status_reason: reason.text }),
    ...(reason?.code === undefined ? {} : { status_code: reason.code }),
    ...(label === undefined ? {} : { approval_label: label }),
  }
}

function executionResult({ result, at }: EndedExecution): Readonly<Record<string, unknown>> {
  const { outcome, code, summary, exitStatus, outputDigest, details } = result
  if (outcome === 'completed') {
    return { returncode: exitStatus, output_digest: outputDigest, timestamp: at, quality_summary: summary, details }
  }
  return { error: code ?? outcome, message: summary, timestamp: at, returncode: exitStatus, details }
}
