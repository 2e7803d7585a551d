import { nameOf } from '../approval/already-decided.js'
import type { ProposalRecord, ProposalStatus } from '../contract/proposal.js'
import type { AgentEvents, AgentEventType, RecordedEvent } from '../record/agent-event.js'
import { proposalOf } from '../record/follow-proposal.js'
import { viewLine } from './view-line.js'

/** How much the agent log tells. */
export interface AgentLogDetail {
  /** Also what another event tells in other words. */
  readonly everyEvent: boolean
  /** Why a proposal has its risk, and how new it is. */
  readonly proposalReasons: boolean
}

/** A name in the catalogue of the documents and what happened in few words. */
type Told = readonly [eventType: string, summary: string]

/**
 * An event as the agent log has it, one line for each, always the same six members: the names are those of the documents where they have one.
 * @param proposal the proposal that the event is about, as the event left it
 * @returns undefined for what is told only in full detail
 */
export function agentLogLine(
  event: RecordedEvent,
  proposal: ProposalRecord | undefined,
  vesselId: string,
  { everyEvent, proposalReasons }: AgentLogDetail,
): string | undefined {
  if (!everyEvent && REPEATED.has(event.type)) return undefined
  const tell = TOLD[event.type] as (payload: unknown) => Told
  const [eventType, summary] = tell(event.payload)
  return viewLine({
    timestamp: event.at,
    vessel_id: vesselId,
    event_type: eventType,
    action_id: proposalOf(event) ?? null,
    summary: proposalReasons && event.type === 'proposal-created' ? `${summary} (${reasons(event.payload)})` : summary,
    risk_level: proposal?.proposal.risk.level ?? null,
  })
}

/** The move that follows tells it, or nothing happened. */
const REPEATED: ReadonlySet<AgentEventType> = new Set(['agent-alive', 'proposal-decided', 'warrant-issued'])

const MOVED: Readonly<Record<ProposalStatus, string>> = {
  draft: 'approval_workflow.draft',
  proposed: 'approval_workflow.submitted',
  approved: 'approval_workflow.approved',
  rejected: 'approval_workflow.rejected',
  executing: 'tool_executor.start',
  completed: 'tool_executor.success',
  failed: 'tool_executor.failed',
  suspended: 'approval_workflow.suspended',
  expired: 'approval_workflow.expired',
  stale: 'approval_workflow.stale',
  cancelled: 'approval_workflow.cancelled',
  unknown: 'tool_executor.unexpected_failure',
}

const TOLD: { readonly [Type in AgentEventType]: (payload: AgentEvents[Type]) => Told } = {
  'record-created': ({ recordId }) => ['agent.record_created', `record ${recordId}`],
  'agent-opened': ({ by, janus }) => ['agent.online', `Janus ${janus}, by ${nameOf(by)}`],
  'proposal-created': ({ proposal, status }) =>
    status === 'draft'
      ? ['approval_workflow.suppressed', `repeats ${proposal.novelty.duplicateOf ?? 'another'}: ${worded(proposal)}`]
      : ['approval_workflow.submitted', worded(proposal)],
  'proposal-moved': ({ from, to, by, reason }) => [
    to === 'approved' && by.kind === 'system' ? 'auto_executor.auto_approved' : MOVED[to],
    `${from} to ${to} by ${nameOf(by)}${reason === undefined ? '' : `: ${reason.text}`}`,
  ],
  'proposal-decided': ({ decision: { decision, by } }) => [
    'approval_workflow.decision',
    `${decision} by ${nameOf(by)}`,
  ],
  'proposal-timed-out': ({ ageSeconds }) => ['approval_workflow.timeout', `waited ${Math.round(ageSeconds)} s`],
  'warrant-issued': ({ warrant }) => ['approval_workflow.warrant_issued', `good until ${warrant.expires}`],
  'warrant-consumed': () => ['tool_executor.pre_checks_passed', 'its warrant was used up'],
  'execution-ended': ({ result: { outcome, summary } }) => [
    outcome === 'completed' ? 'auto_executor.execution_completed' : 'auto_executor.execution_failed',
    `${outcome}: ${summary}`,
  ],
  'rollback-started': ({ by, because }) => ['tool_executor.rollback_start', `${nameOf(by)}: ${because}`],
  'rollback-ended': ({ result: { outcome, summary } }) => ['tool_executor.rollback_complete', `${outcome}: ${summary}`],
  'notification-sent': ({ ok, summary }) => [
    ok ? 'approval_workflow.notification' : 'approval_workflow.notification_failed',
    summary,
  ],
  'mode-changed': ({ from, to, by, because }) => [
    'thinking_cycle.mode_change',
    `${from} to ${to} by ${nameOf(by)}: ${because}`,
  ],
  'mode-requested': ({ to, by, effectiveFrom }) => [
    'thinking_cycle.mode_change_requested',
    `${to} from ${effectiveFrom} by ${nameOf(by)}`,
  ],
  'mode-request-cancelled': ({ by, because }) => ['thinking_cycle.mode_change_cancelled', `${nameOf(by)}: ${because}`],
  'violation-recorded': ({ code, summary }) => ['tool_executor.quality.violation', `${code}: ${summary}`],
  'request-refused': ({ code, summary, by }) => ['agent.refused', `${code} for ${nameOf(by)}: ${summary}`],
  'change-scheduled': ({ change, effectiveFrom }) => [
    'governance.scheduled',
    `${change.subject}, in effect from ${effectiveFrom}`,
  ],
  'change-cancelled': ({ by, because }) => ['governance.cancelled', `${nameOf(by)}: ${because}`],
  'change-applied': () => ['governance.applied', 'a change of the rules is in effect'],
  'policy-adopted': ({ digest, by }) => ['governance.policy', `${digest} by ${nameOf(by)}`],
  'settings-adopted': ({ set, by }) => ['governance.settings', `${Object.keys(set).join(', ')} by ${nameOf(by)}`],
  'sandbox-profile-adopted': ({ digest, by }) => ['governance.sandbox_profile', `${digest} by ${nameOf(by)}`],
  'playbook-approved': ({ approved, by }) => [
    'thinking_cycle.playbook_approved',
    `${approved.playbook.playbookId} by ${nameOf(by)}`,
  ],
  'playbook-revoked': ({ playbookId, by, because }) => [
    'thinking_cycle.playbook_revoked',
    `${playbookId} by ${nameOf(by)}: ${because}`,
  ],
  'key-enrolled': ({ key, by }) => ['governance.key_enrolled', `${key.keyId} of ${key.name} by ${nameOf(by)}`],
  'key-revoked': ({ keyId, by, because }) => ['governance.key_revoked', `${keyId} by ${nameOf(by)}: ${because}`],
  'checkpoint-signed': ({ size, keyId }) => ['agent.checkpoint', `${size} events, with ${keyId}`],
  'record-anchored': ({ by, because }) => ['agent.record_anchored', `${nameOf(by)}: ${because}`],
  'agent-alive': ({ seconds }) => ['tick', `${Math.round(seconds)} s`],
  'clock-stepped': ({ seconds }) => ['controls.anomaly.clock', `${seconds.toFixed(1)} s`],
  'alert-raised': ({ event, holds, summary }) => [event, `${holds ? 'began' : 'ended'}: ${summary}`],
  'integrity-alarm': ({ path, summary }) => ['controls.anomaly.integrity', `${path}: ${summary}`],
  'emergency-stopped': ({ cause, summary, by }) => ['agent.emergency_stop', `${cause} by ${nameOf(by)}: ${summary}`],
  'emergency-lifted': ({ by, because }) => ['agent.emergency_lifted', `${nameOf(by)}: ${because}`],
  'limit-violated': ({ limit, summary }) => ['controls.limit_violated', `${limit}: ${summary}`],
}

function worded({ content }: ProposalRecord['proposal']): string {
  return `${content.actionType}: ${content.rationale}`
}

function reasons({ proposal: { risk, novelty } }: AgentEvents['proposal-created']): string {
  return [...risk.reasons.map(({ because }) => because), `novelty ${novelty.score}`].join('; ')
}
