import * as z from '@janus/core/zod'
import { path, section, setting } from '../setting.js'

/** What holds the agent back, and what it tells of itself. */
export const controlSettings = {
  harness: section({
    max_concurrency: setting(z.int().min(1).max(64).default(2), { does: 'runs at a time', strict: 'lower' }),
    default_timeout_minutes: setting(z.number().min(0.01).max(1440).default(5), {
      does: 'minutes of a run that says no other limit',
    }),
    audit_buffer_size: setting(z.int().min(1).max(1_000_000).default(1000), {
      does: 'events that may wait to be written to the views; when there are more, the record is read again',
    }),
    tick_interval: setting(z.number().min(0.05).max(60).default(0.5), { does: 'seconds between two ticks' }),
    enable_governor: setting(z.boolean().default(true), { does: 'runs at a time follow the backlog' }),
    governor_target_backlog: setting(z.int().min(0).max(10_000).default(0), { does: 'backlog that is aimed at' }),
    governor_kp: setting(z.number().min(0).max(100).default(0.2), { does: 'its proportional gain' }),
    governor_ki: setting(z.number().min(0).max(100).default(0.05), { does: 'its integral gain' }),
    relief_enabled: setting(z.boolean().default(true), {
      does: 'a host under pressure slows the agent',
      strict: 'true',
    }),
    mission_poll_interval_seconds: setting(z.number().min(5).max(86_400).default(60), {
      does: 'seconds between two looks for a mission',
    }),
    mission_state_dir: setting(path().default('/srv/janus/runtime/state'), {
      does: 'directory of the mission hand-over',
    }),
  }),
  watchdog: section({
    sample_interval_seconds: setting(z.number().min(1).max(3600).default(30), {
      does: 'seconds between two samples of the host',
    }),
    restart_on_failure: setting(z.boolean().default(true), { does: 'Restart= of the unit' }),
    cpu_threshold_percent: setting(z.number().min(1).max(100).default(90), {
      does: 'processor use that degrades',
      strict: 'lower',
    }),
    memory_threshold_percent: setting(z.number().min(1).max(100).default(90), {
      does: 'memory use that degrades',
      strict: 'lower',
    }),
    memory_threshold_mb: setting(z.int().min(1).max(67_108_864).nullable().default(null), {
      does: 'the same in MiB; the lower one counts',
      strict: 'none',
    }),
  }),
  controls: section({
    metrics_interval_seconds: setting(z.number().min(1).max(3600).default(30), {
      does: 'seconds between two measurements of the host',
    }),
    enable_monitoring: setting(z.boolean().default(true), { does: 'anomalies raise alerts' }),
    maintenance_file: setting(path().nullable().default(null), {
      does: 'file of maintenance tasks: while a critical one is overdue, nothing is run by itself',
      strict: 'none',
    }),
  }),
  monitoring: section({
    prometheus_enabled: setting(z.boolean().default(false), { does: 'metrics over HTTP, on the loopback interface' }),
    prometheus_port: setting(z.int().min(1).max(65_535).default(9090), { does: 'their port' }),
    status_api_enabled: setting(z.boolean().default(false), {
      does: 'status, metrics and pending proposals over HTTP, on the loopback interface, for whoever has the token',
      strict: 'false',
    }),
    status_api_port: setting(z.int().min(1).max(65_535).default(8470), { does: 'its port' }),
    metrics_export_enabled: setting(z.boolean().default(true), { does: 'metrics as JSON lines in the agent log' }),
    alert_on: setting(
      z
        .array(z.enum(['watchdog_violation', 'constitutional_violation', 'resource_exhaustion', 'repeated_failures']))
        .default(['watchdog_violation', 'constitutional_violation', 'resource_exhaustion', 'repeated_failures']),
      { does: 'what people are told of besides proposals', strict: 'more' },
    ),
  }),
  debug: section({
    verbose_logging: setting(z.boolean().default(false), { does: 'the agent log tells every event' }),
    trace_proposals: setting(z.boolean().default(false), {
      does: 'the agent log tells why a proposal was or was not made',
    }),
    simulate_llm: setting(z.boolean().default(false), { does: 'a scripted answer in place of the model' }),
    dry_run_mode: setting(z.boolean().default(false), {
      does: 'what would run is told, and nothing is run',
      strict: 'true',
    }),
  }),
}
