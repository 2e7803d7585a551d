import { type LedgerRecord, REPAIRED_TYPE } from '@janus/core/ledger'
import { nameOf } from '../approval/already-decided.js'
import type { Actor } from '../contract/actor.js'
import type { OperationalMode } from '../contract/mode.js'
import type { ProposalStatus } from '../contract/proposal.js'
import { ENDS } from '../proposal/transition-table.js'
import type { AgentEvents, AgentEventType, RecordedEvent } from '../record/agent-event.js'
import type {
  AuditReport,
  DecisionsReported,
  Listed,
  ModeChangeReported,
  RefusalsReported,
  RuleChangeReported,
} from './audit-report.js'

/** Adds events up to a report. */
export interface ReportCollector {
  /** The next event. */
  take(event: RecordedEvent): void
  /** The next line that is the ledger's own. */
  takeOwn(line: LedgerRecord): void
  /** @param damage why nothing more could be read */
  finish(damage: string | null): AuditReport
}

const MOST_LISTED = 100

interface Deciding {
  approved: number
  rejected: number
  readonly seconds: number[]
}

/** Starts a report. What came before the period is read too: how long something had waited, and in which mode. */
export function collectReport(since: Date | undefined): ReportCollector {
  /** When each open proposal was put up for review, the last time, and whether it waits. */
  const open = new Map<string, { proposedAt: string; status: ProposalStatus }>()
  const deciding = new Map<string, Deciding>()
  const refusals = new Map<string, RefusalsReported>()
  const moved: Partial<Record<ProposalStatus, number>> = {}
  const proposals = { created: 0, repeated: 0, timedOut: 0 }
  const executions = { started: 0, completed: 0, failed: 0, unknown: 0, suspended: 0 }
  const notifications = { sent: 0, failed: 0 }
  const clock = { steps: 0, largestSeconds: 0 }
  const openings = { opened: 0, repaired: 0 }
  const lists = {
    violations: list<AuditReport['violations']['newest'][number]>(),
    modes: list<ModeChangeReported>(),
    rules: list<RuleChangeReported>(),
    failures: list<AuditReport['executions']['failures']['newest'][number]>(),
    alarms: list<AuditReport['alarms']['newest'][number]>(),
  }
  let checkpoints: AuditReport['checkpoints'] = { signed: 0, newest: null }
  let created: AgentEvents['record-created'] | undefined
  let mode: OperationalMode = 'alpha'
  let events = 0
  let lastSeq = 0
  let until: string | null = null

  const isIn = (at: string): boolean => since === undefined || Date.parse(at) >= since.getTime()

  const decided = ({ proposal, decision }: AgentEvents['proposal-decided'], at: string): void => {
    const who = nameOf(decision.by)
    const one = deciding.get(who) ?? { approved: 0, rejected: 0, seconds: [] }
    deciding.set(who, one)
    one[decision.decision === 'approve' ? 'approved' : 'rejected'] += 1
    const proposedAt = open.get(proposal)?.proposedAt
    if (proposedAt !== undefined) one.seconds.push((Date.parse(at) - Date.parse(proposedAt)) / 1000)
  }

  const ended = ({ proposal, result }: AgentEvents['execution-ended'], at: string): void => {
    const { outcome, code, summary } = result
    const failed = outcome === 'failed' || outcome === 'failed-dirty'
    executions[failed ? 'failed' : outcome] += 1
    if (failed) lists.failures.add({ at, proposal, code: code ?? outcome, summary })
  }

  /** What is counted only inside the period. */
  const inside: { readonly [Type in AgentEventType]?: (payload: AgentEvents[Type], at: string) => void } = {
    'proposal-created': ({ status }) => {
      proposals[status === 'draft' ? 'repeated' : 'created'] += 1
    },
    'proposal-moved': ({ to }) => {
      moved[to] = (moved[to] ?? 0) + 1
    },
    'proposal-decided': decided,
    'proposal-timed-out': () => {
      proposals.timedOut += 1
    },
    'warrant-consumed': () => {
      executions.started += 1
    },
    'execution-ended': ended,
    'notification-sent': ({ ok }) => {
      notifications[ok ? 'sent' : 'failed'] += 1
    },
    'request-refused': ({ code, summary, by }, at) => {
      refusals.set(code, { code, count: (refusals.get(code)?.count ?? 0) + 1, at, by: nameOf(by), summary })
    },
    'violation-recorded': ({ by, ...violation }, at) => lists.violations.add({ at, ...violation, by: nameOf(by) }),
    'mode-changed': ({ to, by, because, evidence }, at) =>
      lists.modes.add({ at, what: 'changed', to, by: nameOf(by), because, evidence }),
    'mode-requested': ({ to, by, because, evidence }, at) =>
      lists.modes.add({ at, what: 'requested', to, by: nameOf(by), because, evidence }),
    'mode-request-cancelled': ({ by, because }, at) =>
      lists.modes.add({ at, what: 'request cancelled', to: null, by: nameOf(by), because, evidence: null }),
    'integrity-alarm': ({ path, summary }, at) => lists.alarms.add({ at, path, summary }),
    'clock-stepped': ({ seconds }) => {
      clock.steps += 1
      if (Math.abs(seconds) > Math.abs(clock.largestSeconds)) clock.largestSeconds = seconds
    },
    'checkpoint-signed': ({ size }, at) => {
      checkpoints = { signed: checkpoints.signed + 1, newest: { size, at } }
    },
    'agent-opened': () => {
      openings.opened += 1
    },
  }

  return {
    take: (event) => {
      const { seq, at, type, payload } = event
      lastSeq = seq
      until = at
      if (isIn(at)) {
        events += 1
        const take = inside[type] as ((payload: unknown, at: string) => void) | undefined
        take?.(payload, at)
        const rule = ruleChange(event)
        if (rule !== undefined) lists.rules.add({ at, what: rule.what, by: nameOf(rule.by) })
      }
      if (type === 'record-created') created = payload
      else if (type === 'mode-changed') mode = payload.to
      // A violation is a fall back by itself.
      else if (type === 'violation-recorded') mode = 'alpha'
      else follow(open, event)
    },
    takeOwn: ({ seq, ts, type }) => {
      lastSeq = seq
      if (type === REPAIRED_TYPE && isIn(ts)) openings.repaired += 1
    },
    finish: (damage) => ({
      recordId: created?.recordId ?? null,
      vesselId: created?.vesselId ?? null,
      since: since?.toISOString() ?? null,
      until,
      lastSeq,
      events,
      damage,
      mode,
      proposals: {
        ...proposals,
        moved,
        waiting: [...open.values()].filter(({ status }) => status === 'proposed').length,
      },
      decisions: [...deciding].map(([by, one]) => decisionsOf(by, one)).sort((a, b) => total(b) - total(a)),
      refusals: [...refusals.values()].sort((a, b) => b.count - a.count),
      violations: lists.violations.listed(),
      modes: lists.modes.listed(),
      rules: lists.rules.listed(),
      executions: { ...executions, failures: lists.failures.listed() },
      notifications,
      alarms: lists.alarms.listed(),
      clock,
      checkpoints,
      openings,
    }),
  }
}

/** Follows which proposals are open, and since when they have waited. */
function follow(
  open: Map<string, { proposedAt: string; status: ProposalStatus }>,
  { type, payload, at }: RecordedEvent,
): void {
  if (type === 'proposal-created') {
    if (payload.status === 'proposed') open.set(payload.proposal.id, { proposedAt: at, status: 'proposed' })
    return
  }
  if (type !== 'proposal-moved') return
  const { proposal, to } = payload
  const before = open.get(proposal)
  if (ENDS.has(to)) open.delete(proposal)
  else open.set(proposal, { proposedAt: to === 'proposed' ? at : (before?.proposedAt ?? at), status: to })
}

function ruleChange({ type, payload }: RecordedEvent): { readonly what: string; readonly by: Actor } | undefined {
  switch (type) {
    case 'policy-adopted':
      return { what: `policy ${payload.digest.slice(0, 16)} adopted`, by: payload.by }
    case 'settings-adopted':
      return { what: `settings adopted: ${Object.keys(payload.set).join(', ')}`, by: payload.by }
    case 'sandbox-profile-adopted':
      return { what: `sandbox profile ${payload.digest.slice(0, 16)} adopted`, by: payload.by }
    case 'playbook-approved':
      return { what: `playbook ${payload.approved.playbook.playbookId} approved`, by: payload.by }
    case 'playbook-revoked':
      return { what: `playbook ${payload.playbookId} revoked: ${payload.because}`, by: payload.by }
    case 'key-enrolled':
      return { what: enrolled(payload), by: payload.by }
    case 'key-revoked':
      return { what: `key ${payload.keyId} revoked: ${payload.because}`, by: payload.by }
    case 'record-anchored':
      return { what: `record accepted at this place: ${payload.because}`, by: payload.by }
    default:
      return undefined
  }
}

function enrolled({ key, bootstrap }: AgentEvents['key-enrolled']): string {
  const roles = key.roles.join(', ')
  return `key ${key.keyId} of ${key.name} enrolled for ${roles}${bootstrap === true ? ', without review' : ''}`
}

function decisionsOf(by: string, { approved, rejected, seconds }: Deciding): DecisionsReported {
  const sorted = [...seconds].sort((a, b) => a - b)
  const middle = sorted.length / 2
  const low = sorted[Math.ceil(middle) - 1] ?? 0
  const high = sorted[Math.floor(middle)] ?? low
  return {
    by,
    approved,
    rejected,
    medianSeconds: (low + high) / 2,
    fastestSeconds: sorted[0] ?? 0,
    slowestSeconds: sorted.at(-1) ?? 0,
  }
}

function total({ approved, rejected }: DecisionsReported): number {
  return approved + rejected
}

function list<Item>(): { add(item: Item): void; listed(): Listed<Item> } {
  const newest: Item[] = []
  let count = 0
  return {
    add: (item) => {
      count += 1
      newest.push(item)
      if (newest.length > MOST_LISTED) newest.shift()
    },
    listed: () => ({ total: count, newest }),
  }
}
