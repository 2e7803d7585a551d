import type { AgentStatus, ControlsState, ProposalRow, ProposalStatus } from '../../src/index.js'
import { PROPOSAL_STATUSES } from '../../src/index.js'
import { emptyScreen, type ScreenState } from '../../src/screen/screen-state.js'
import { withAnswer, withEvent } from '../../src/screen/update-screen.js'

export const NOW = Date.parse('2026-03-01T12:10:05.000Z')

export const CONTROLS: ControlsState = {
  allowance: { concurrency: 2, network: true },
  backlog: { waiting: 3, active: 1 },
  governor: { allowed: 2, error: 2, proportional: 0.4, integral: 0.6, saturated: 'high' },
  relief: { stage: 'sealed', because: null, since: null },
  measures: {
    cpuPercent: 12,
    memoryPercent: 40.4,
    diskPercent: 51,
    memoryStallPercent: 0,
    ioStallPercent: undefined,
  },
  anomalies: [],
  violations: { count: 0, threshold: 3 },
}

export function sampleStatus(more: Partial<AgentStatus> = {}): AgentStatus {
  return {
    vesselId: 'argo',
    recordId: 'abc',
    frozen: null,
    emergency: null,
    daemon: null,
    process: { pid: 1, since: '2026-03-01T12:00:00.000Z', purpose: 'janus agent run' },
    mode: 'alpha',
    permission: {
      mode: 'alpha',
      propose: true,
      runApproved: true,
      runPlaybooks: false,
      approveListed: false,
      runNovel: false,
      network: true,
      restrictions: [],
    },
    counts: Object.fromEntries(PROPOSAL_STATUSES.map((status) => [status, 0])) as Record<ProposalStatus, number>,
    oldestPending: null,
    violations: 0,
    scheduled: [],
    lastSeq: 42,
    lastAt: null,
    checkpoint: null,
    viewProblems: [],
    controls: CONTROLS,
    ...more,
  }
}

export function sampleRow(number: number, more: Partial<ProposalRow> = {}): ProposalRow {
  return {
    id: `janus-${number.toString(16).padStart(12, '0')}`,
    status: 'proposed',
    actionType: 'analysis',
    risk: 'low',
    source: 'disk-use',
    rationale: 'The share of documentation on the disk is needed for the weekly report',
    digest: number.toString(16).padStart(64, '0'),
    createdAt: '2026-03-01T12:00:00.000Z',
    updatedAt: '2026-03-01T12:09:00.000Z',
    timedOut: false,
    approvals: 0,
    approvalsNeeded: 1,
    ...more,
  }
}

/** A screen with some of everything. */
export function sampleScreen(): ScreenState {
  const pending = [
    sampleRow(3, { risk: 'high', source: 'gpu-vfio', approvals: 1, approvalsNeeded: 2 }),
    sampleRow(2, { risk: 'medium', source: 'curl', timedOut: true, createdAt: '2026-02-26T12:00:00.000Z' }),
    sampleRow(1),
  ]
  const running = [sampleRow(9, { status: 'executing', source: 'rg', rationale: 'Look for the setting' })]
  const answered = withAnswer(emptyScreen(NOW), { status: sampleStatus(), pending, running }, NOW)
  return withEvent(
    withEvent(answered, sampleRow(8, { status: 'failed', reason: { code: 'TIMEOUT', text: 'it took 600 s' } })),
    running[0] ?? sampleRow(9),
  )
}
