import type { Gauge, Registry } from 'prom-client'
import { RELIEF_STAGES } from '../contract/controls.js'
import type { ExecutionOutcome } from '../contract/execution.js'
import { OPERATIONAL_MODES } from '../contract/mode.js'
import type { MonitoringSnapshot } from '../contract/monitoring.js'
import { PROPOSAL_STATUSES } from '../contract/proposal.js'
import type { RecordedEvent } from '../record/agent-event.js'
import { METRIC_GAUGES, type MetricGauge } from './metric-gauges.js'

/** The metrics of an agent. */
export interface AgentMetrics {
  /** To be called with each event of the record: counts executions and how long they took. */
  observe(event: RecordedEvent): void
  /** In the text format of Prometheus. */
  text(snapshot: MonitoringSnapshot): Promise<string>
  readonly contentType: string
  /** The same as numbers by name, labels in the name; histograms left out. */
  numbers(snapshot: MonitoringSnapshot): Promise<Readonly<Record<string, number>>>
}

const OUTCOMES = [
  'completed',
  'failed',
  'failed-dirty',
  'unknown',
  'suspended',
] as const satisfies readonly ExecutionOutcome[]
const SECONDS = [0.01, 0.05, 0.1, 0.5, 1, 5, 15, 60, 300, 600]

/** Metrics in a registry of their own. The library is loaded here and not before: most commands never need it. */
export async function createMetrics(): Promise<AgentMetrics> {
  const { Counter, Gauge, Histogram, Registry } = await import('prom-client')
  const registry = new Registry()
  const registers = [registry]
  const executions = new Counter({
    name: 'janus_agent_executions_total',
    help: 'Executions that ended since this process started, by outcome.',
    labelNames: ['outcome'],
    registers,
  })
  // What never happened is 0, not missing.
  for (const outcome of OUTCOMES) executions.inc({ outcome }, 0)
  const durations = new Histogram({
    name: 'janus_agent_execution_seconds',
    help: 'How long executions took.',
    labelNames: ['outcome'],
    buckets: SECONDS,
    registers,
  })
  const modes = labelled('janus_agent_mode', 'mode', '1 for the mode on the record, 0 for the others.')
  const proposals = labelled('janus_agent_proposals', 'status', 'All proposals that ever were, by where they stand.')
  const stages = labelled('janus_agent_relief_stage', 'stage', '1 for the stage of the relief valve, 0 for the others.')
  const saturated = labelled('janus_agent_governor_saturated', 'bound', '1 for the bound that the governor is at.')
  const gauges = METRIC_GAUGES.map((gauge): readonly [MetricGauge, Gauge] => [
    gauge,
    new Gauge({ name: gauge.name, help: gauge.help, registers }),
  ])

  function labelled<Label extends string>(name: string, label: Label, help: string): Gauge<Label> {
    return new Gauge({ name, help, labelNames: [label], registers })
  }

  const set = (snapshot: MonitoringSnapshot): void => {
    const { mode, counts, controls } = snapshot.status
    for (const each of OPERATIONAL_MODES) modes.set({ mode: each }, each === mode ? 1 : 0)
    for (const status of PROPOSAL_STATUSES) proposals.set({ status }, counts[status])
    for (const stage of RELIEF_STAGES) stages.set({ stage }, controls?.relief?.stage === stage ? 1 : 0)
    for (const bound of ['low', 'high'] as const)
      saturated.set({ bound }, controls?.governor?.saturated === bound ? 1 : 0)
    for (const [{ value }, gauge] of gauges) gauge.set(value(snapshot) ?? Number.NaN)
  }

  return {
    observe: (event) => {
      if (event.type !== 'execution-ended') return
      const { outcome, runtimeSeconds } = event.payload.result
      executions.inc({ outcome })
      durations.observe({ outcome }, runtimeSeconds)
    },
    text: (snapshot) => {
      set(snapshot)
      return registry.metrics()
    },
    contentType: registry.contentType,
    numbers: async (snapshot) => {
      set(snapshot)
      return numbersOf(registry)
    },
  }
}

async function numbersOf(registry: Registry): Promise<Readonly<Record<string, number>>> {
  const metrics = await registry.getMetricsAsJSON()
  return Object.fromEntries(
    metrics.flatMap(({ name, type, values }) =>
      String(type) === 'histogram'
        ? []
        : values
            .filter(({ value }) => Number.isFinite(value))
            .map(({ labels, value }) => [[name, ...Object.values(labels)].join('.'), value]),
    ),
  )
}
