import { describe, expect, test } from 'vitest'
import {
  type AgentStatus,
  type ControlsState,
  createMetrics,
  type ExecutionOutcome,
  type MonitoringSnapshot,
  metricsEvent,
  PROPOSAL_STATUSES,
  type ProposalStatus,
  type RecordedEvent,
} from '../../src/index.js'
import { logEventLine } from '../../src/views/log-event-line.js'

const controls: ControlsState = {
  allowance: { concurrency: 1, network: false },
  backlog: { waiting: 7, active: 1 },
  governor: { allowed: 4, error: 6, proportional: 1.2, integral: 0.5, saturated: 'high' },
  relief: { stage: 'emergency', because: 'memory use is 92 %, and 90 % degrades', since: null },
  measures: {
    cpuPercent: 12.5,
    memoryPercent: 92,
    diskPercent: undefined,
    memoryStallPercent: undefined,
    ioStallPercent: undefined,
  },
  anomalies: [],
  violations: { count: 2, threshold: 3 },
}

const snapshot: MonitoringSnapshot = {
  at: '2026-03-01T12:10:00.000Z',
  status: {
    vesselId: 'balaur\u001b[2J',
    recordId: 'abc',
    frozen: null,
    emergency: null,
    daemon: null,
    process: { pid: 1, since: '2026-03-01T12:00:00.000Z', purpose: 'janus agent run' },
    mode: 'beta',
    permission: {
      mode: 'beta',
      propose: true,
      runApproved: true,
      runPlaybooks: true,
      approveListed: true,
      runNovel: false,
      network: false,
      restrictions: [],
    },
    counts: {
      ...(Object.fromEntries(PROPOSAL_STATUSES.map((status) => [status, 0])) as Record<ProposalStatus, number>),
      proposed: 3,
    },
    oldestPending: '2026-03-01T12:00:00.000Z',
    violations: 1,
    scheduled: [],
    lastSeq: 42,
    lastAt: null,
    checkpoint: null,
    viewProblems: [],
    controls,
  } satisfies AgentStatus,
  sandbox: { holds: true, because: null },
  breakerOpen: false,
  thinking: true,
  stopped: 'STOP is there',
}

const ended = (outcome: ExecutionOutcome, runtimeSeconds: number) =>
  ({
    type: 'execution-ended',
    payload: { proposal: 'janus-000000000000', result: { outcome, runtimeSeconds } },
  }) as RecordedEvent

describe('the metrics', () => {
  test('tell mode, proposals, executions, governor, relief, sandbox, ledger, breaker and stop', async () => {
    const metrics = await createMetrics()
    metrics.observe(ended('completed', 0.2))
    metrics.observe(ended('completed', 70))
    metrics.observe(ended('failed-dirty', 1))
    const lines = (await metrics.text(snapshot)).split('\n')
    for (const line of [
      'janus_agent_mode{mode="alpha"} 0',
      'janus_agent_mode{mode="beta"} 1',
      'janus_agent_proposals{status="proposed"} 3',
      'janus_agent_executions_total{outcome="completed"} 2',
      'janus_agent_executions_total{outcome="failed-dirty"} 1',
      'janus_agent_executions_total{outcome="unknown"} 0',
      'janus_agent_execution_seconds_bucket{le="0.5",outcome="completed"} 1',
      'janus_agent_execution_seconds_sum{outcome="completed"} 70.2',
      'janus_agent_governor_proportional 1.2',
      'janus_agent_governor_integral 0.5',
      'janus_agent_governor_saturated{bound="high"} 1',
      'janus_agent_governor_saturated{bound="low"} 0',
      'janus_agent_relief_stage{stage="emergency"} 1',
      'janus_agent_relief_stage{stage="sealed"} 0',
      'janus_agent_allowed_runs 1',
      'janus_agent_network_allowed 0',
      'janus_agent_sandbox_holds 1',
      'janus_agent_ledger_seq 42',
      'janus_agent_pending_age_seconds 600',
      'janus_agent_breaker_open 0',
      'janus_agent_stopped 1',
      'janus_agent_stop_violations 2',
      'janus_agent_host_cpu_percent 12.5',
      'janus_agent_host_disk_percent Nan',
    ])
      expect(lines).toContain(line)
  })

  test('what is not known is not a number, never 0', async () => {
    const { controls: _, ...status } = snapshot.status
    const text = await (await createMetrics()).text({ ...snapshot, status, sandbox: null, breakerOpen: null })
    for (const name of ['allowed_runs', 'sandbox_holds', 'breaker_open', 'governor_integral'])
      expect(text).toContain(`\njanus_agent_${name} Nan`)
  })

  test('of two agents in one process are counted apart', async () => {
    const [one, other] = [await createMetrics(), await createMetrics()]
    one.observe(ended('failed', 1))
    expect((await one.numbers(snapshot))['janus_agent_executions_total.failed']).toBe(1)
    expect((await other.numbers(snapshot))['janus_agent_executions_total.failed']).toBe(0)
  })

  test('as a line of the log they have its six members, and nothing that a terminal would obey', async () => {
    const metrics = await createMetrics()
    const event = metricsEvent(snapshot, await metrics.numbers(snapshot))
    const line = logEventLine(event, snapshot.at, snapshot.status.vesselId)
    expect(line.match(/\n/g)).toHaveLength(1)
    expect(line).not.toContain('\u001b')
    expect(JSON.parse(line)).toMatchObject({
      timestamp: snapshot.at,
      vessel_id: snapshot.status.vesselId,
      event_type: 'controls.metrics',
      action_id: null,
      summary: 'beta, 3 pending, 0 running',
      risk_level: null,
      metrics: { janus_agent_ledger_seq: 42, 'janus_agent_mode.beta': 1 },
    })
  })
})
