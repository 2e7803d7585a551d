import type { ProposalRow } from '../contract/agent.js'
import type { MonitoringSnapshot } from '../contract/monitoring.js'
import { viewLine } from '../views/view-line.js'

/** The answer to `/status`: JSON in which nothing is left that a terminal would obey. */
export function statusDocument({ at, status, sandbox, breakerOpen, thinking, stopped }: MonitoringSnapshot): string {
  const { controls = null, ...agent } = status
  return viewLine({
    schema: 'janus.agent-status/1',
    timestamp: at,
    vessel_id: status.vesselId,
    start_time: status.process.since,
    operational_mode: status.mode,
    thinking_cycle_active: thinking,
    pending_approvals: status.counts.proposed,
    stopped,
    sandbox,
    breaker_open: breakerOpen,
    controls,
    agent,
  })
}

/** The answer to `/proposals/pending`, the oldest first. Holds untrusted text, none of which a terminal would obey. */
export function pendingDocument(rows: readonly ProposalRow[]): string {
  return viewLine({ schema: 'janus.agent-pending/1', proposals: rows.toReversed() })
}

/**
 * The metrics as a line of the agent log: the six members that each of its lines has, and the numbers.
 * @param numbers by name, as `AgentMetrics.numbers` gives them
 */
export function metricsLine({ at, status }: MonitoringSnapshot, numbers: Readonly<Record<string, number>>): string {
  return viewLine({
    timestamp: at,
    vessel_id: status.vesselId,
    event_type: 'controls.metrics',
    action_id: null,
    summary: `${status.mode}, ${status.counts.proposed} pending, ${status.counts.executing} running`,
    risk_level: null,
    metrics: numbers,
  })
}
