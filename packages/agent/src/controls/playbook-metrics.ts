import type { HostMeasures, RunBacklog } from '../contract/controls.js'
import type { Metrics } from '../contract/playbook.js'
import type { HostSample } from './read-host-sample.js'

/** What metrics are made of. */
export interface MetricSources {
  readonly sample: HostSample
  readonly measures: HostMeasures
  readonly backlog: RunBacklog
  /** Proposals that wait for a person. */
  readonly pending: number
  /** Bytes of the files that the agent writes for others: its log and the views of its record. */
  readonly logBytes: number
}

/** One metric that a playbook's trigger may name. */
export interface MetricRow {
  readonly name: string
  readonly unit: string
  readonly meaning: string
  /** Undefined: not measured, and no trigger on it holds. */
  value(from: MetricSources): number | undefined
}

const MIB = 1024 * 1024
const mib = (bytes: number | undefined): number | undefined => (bytes === undefined ? undefined : bytes / MIB)

/** Every metric that a trigger may name. */
export const PLAYBOOK_METRICS: readonly MetricRow[] = [
  row('disk_usage_percent', '%', 'use of the file system of the workspaces', ({ measures }) => measures.diskPercent),
  row('disk_free_mb', 'MiB', 'free there', ({ sample }) => mib(sample.disk?.freeBytes)),
  row('log_size_mb', 'MiB', 'the log of the agent and the views of its record', ({ logBytes }) => mib(logBytes)),
  row('memory_percent', '%', 'use of memory', ({ measures }) => measures.memoryPercent),
  row('memory_available_mb', 'MiB', 'memory to be had', ({ sample }) => mib(sample.memory?.availableBytes)),
  row('cpu_percent', '%', 'use of all processors since the sample before', ({ measures }) => measures.cpuPercent),
  row('cpu_load_1min', '', 'load average over a minute', ({ sample }) => sample.load?.[0]),
  row('cpu_load_5min', '', 'over five minutes', ({ sample }) => sample.load?.[1]),
  row('cpu_load_15min', '', 'over fifteen minutes', ({ sample }) => sample.load?.[2]),
  row(
    'memory_stall_percent',
    '%',
    'time in which everything waited for memory',
    ({ measures }) => measures.memoryStallPercent,
  ),
  row('io_stall_percent', '%', 'time in which everything waited for disks', ({ measures }) => measures.ioStallPercent),
  row('active_processes', '', 'processes of the host', ({ sample }) => sample.processes),
  row('network_connections', '', 'TCP connections and listeners', ({ sample }) => sample.connections),
  row('backlog', '', 'runs that wait for their turn', ({ backlog }) => backlog.waiting),
  row('active_runs', '', 'runs under way', ({ backlog }) => backlog.active),
  row('pending_proposals', '', 'proposals that wait for a person', ({ pending }) => pending),
]

/** The metrics for the triggers of playbooks: what was not measured is not there, and holds nothing. */
export function playbookMetrics(from: MetricSources): Metrics {
  return Object.fromEntries(
    PLAYBOOK_METRICS.flatMap(({ name, value }) => {
      const found = value(from)
      return found === undefined ? [] : [[name, found]]
    }),
  )
}

function row(name: string, unit: string, meaning: string, value: MetricRow['value']): MetricRow {
  return { name, unit, meaning, value }
}
