import type { MonitoringSnapshot } from '../contract/monitoring.js'

/** One number without labels. */
export interface MetricGauge {
  readonly name: string
  readonly help: string
  /** Undefined: not known, told as NaN. */
  value(snapshot: MonitoringSnapshot): number | undefined
}

const MILLISECONDS = 1000

/** Numbers of an agent that are read when they are asked for. */
export const METRIC_GAUGES: readonly MetricGauge[] = [
  gauge('janus_agent_stopped', '1 while everything stands still.', ({ stopped }) => Number(stopped !== null)),
  gauge('janus_agent_frozen', '1 while the record must not be worked on.', ({ status }) =>
    Number(status.frozen !== null),
  ),
  gauge('janus_agent_may_run', '1 while what a person approved may run.', ({ status }) =>
    Number(status.permission.runApproved),
  ),
  gauge('janus_agent_sandbox_holds', '1 when the sandbox passed its last self-test.', ({ sandbox }) =>
    sandbox === null ? undefined : Number(sandbox.holds),
  ),
  gauge('janus_agent_breaker_open', '1 while the model is left alone because it failed.', ({ breakerOpen }) =>
    breakerOpen === null ? undefined : Number(breakerOpen),
  ),
  gauge('janus_agent_ledger_seq', 'Number of the last event on the record.', ({ status }) => status.lastSeq),
  gauge('janus_agent_violations', 'Violations of the constitution on the record.', ({ status }) => status.violations),
  gauge('janus_agent_pending_age_seconds', 'Age of the proposal that waits longest, 0 when none does.', pendingAge),
  gauge(
    'janus_agent_allowed_runs',
    'Runs at a time that may be started now.',
    ({ status }) => status.controls?.allowance.concurrency,
  ),
  gauge(
    'janus_agent_network_allowed',
    '1 while a new run may use the network.',
    ({ status }) => status.controls && Number(status.controls.allowance.network),
  ),
  gauge('janus_agent_backlog', 'Runs that wait for their turn.', ({ status }) => status.controls?.backlog.waiting),
  gauge('janus_agent_active_runs', 'Runs under way.', ({ status }) => status.controls?.backlog.active),
  gauge(
    'janus_agent_governor_allowed',
    'Runs at a time that the governor allows.',
    ({ status }) => status.controls?.governor?.allowed,
  ),
  gauge('janus_agent_governor_error', 'Error of the governor.', ({ status }) => status.controls?.governor?.error),
  gauge(
    'janus_agent_governor_proportional',
    'Proportional term of the governor.',
    ({ status }) => status.controls?.governor?.proportional,
  ),
  gauge(
    'janus_agent_governor_integral',
    'Integral term of the governor.',
    ({ status }) => status.controls?.governor?.integral,
  ),
  gauge(
    'janus_agent_stop_violations',
    'Violations of watchdog or quota since a person last resumed.',
    ({ status }) => status.controls?.violations.count,
  ),
  gauge('janus_agent_host_cpu_percent', 'Use of all processors.', ({ status }) => status.controls?.measures.cpuPercent),
  gauge('janus_agent_host_memory_percent', 'Use of memory.', ({ status }) => status.controls?.measures.memoryPercent),
  gauge(
    'janus_agent_host_disk_percent',
    'Use of the file system of the workspaces.',
    ({ status }) => status.controls?.measures.diskPercent,
  ),
  gauge('janus_agent_resident_bytes', 'Memory of this process.', () => process.memoryUsage.rss()),
]

function pendingAge({ at, status }: MonitoringSnapshot): number {
  const { oldestPending } = status
  return oldestPending === null ? 0 : Math.max(0, (Date.parse(at) - Date.parse(oldestPending)) / MILLISECONDS)
}

function gauge(name: string, help: string, value: MetricGauge['value']): MetricGauge {
  return { name, help, value }
}
