import type { AgentSettings } from '../agent-settings.js'

const SECOND = 1000
const LOOPBACK = '127.0.0.1'

/** What the agent measures and tells. */
export interface Monitoring {
  /** Milliseconds between two measurements of the host. */
  readonly measureMilliseconds: number
  /** Whether anomalies raise alerts. */
  readonly anomalies: boolean
  /** Where metrics are served; undefined: nowhere. */
  readonly prometheus: { readonly host: string; readonly port: number } | undefined
  /** Where the status API is served; undefined: nowhere. */
  readonly statusApi: { readonly host: string; readonly port: number } | undefined
  readonly metricsInLog: boolean
  /** What people are told of besides proposals. */
  readonly alertOn: ReadonlySet<AgentSettings['monitoring']['alert_on'][number]>
  readonly log: {
    /** Events that may wait to be written. */
    readonly buffer: number
    /** Every event, and why a proposal was or was not made. */
    readonly everyEvent: boolean
    readonly proposalReasons: boolean
  }
}

/** The monitoring, by the settings. Metrics are served on the loopback interface only. */
export function monitoringOf({ controls, monitoring, debug, harness }: AgentSettings): Monitoring {
  return {
    measureMilliseconds: controls.metrics_interval_seconds * SECOND,
    anomalies: controls.enable_monitoring,
    prometheus: monitoring.prometheus_enabled ? { host: LOOPBACK, port: monitoring.prometheus_port } : undefined,
    statusApi: monitoring.status_api_enabled ? { host: LOOPBACK, port: monitoring.status_api_port } : undefined,
    metricsInLog: monitoring.metrics_export_enabled,
    alertOn: new Set(monitoring.alert_on),
    log: {
      buffer: harness.audit_buffer_size,
      everyEvent: debug.verbose_logging,
      proposalReasons: debug.trace_proposals,
    },
  }
}
