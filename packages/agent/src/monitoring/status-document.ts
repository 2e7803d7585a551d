import type { ProposalRow } from '../contract/agent.js'
import type { LogEvent } from '../contract/log-event.js'
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
 * The metrics as an event of the agent log.
 * @param numbers by name, as `AgentMetrics.numbers` gives them
 */
export function metricsEvent({ status }: MonitoringSnapshot, numbers: Readonly<Record<string, number>>): LogEvent {
  const { proposed, executing } = status.counts
  const because = `${status.mode}, ${proposed} pending, ${executing} running`
  return { event: 'controls.metrics', level: 'info', data: { because }, metrics: numbers }
}
