import type { AgentEvents, AgentEventType, RecordedEvent } from '../agent-event.js'
import { foldAlive, foldModeChanged, foldOutcome, foldTime, foldViolation } from './fold-mode.js'
import {
  foldExecutionEnded,
  foldProposalCreated,
  foldProposalDecided,
  foldProposalMoved,
  foldProposalTimedOut,
  foldRollbackEnded,
  foldRollbackStarted,
  foldWarrantConsumed,
  foldWarrantIssued,
} from './fold-proposals.js'
import { foldLifted, foldLimitViolated, foldStopped } from './fold-stop.js'
import type { MutableState } from './mutable-state.js'

/** Folds one event into the state. The same events in the same order give the same state, today and after a restart. */
export function foldEvent(state: MutableState, { seq, at, type, payload }: RecordedEvent): void {
  state.lastSeq = seq
  foldTime(state, at)
  const fold = FOLDS[type] as (state: MutableState, payload: unknown, at: string) => void
  fold(state, payload, at)
  if (ACTIVITY.has(type)) state.lastActivityAt = at
}

/** True for the type of an event that {@link foldEvent} knows. */
export function isAgentEventType(type: string): type is AgentEventType {
  return Object.hasOwn(FOLDS, type)
}

const FOLDS: {
  readonly [Type in AgentEventType]: (state: MutableState, payload: AgentEvents[Type], at: string) => void
} = {
  'record-created': (state, { recordId, vesselId }) => {
    state.recordId = recordId
    state.vesselId = vesselId
  },
  'proposal-created': foldProposalCreated,
  'proposal-moved': foldProposalMoved,
  'proposal-decided': foldProposalDecided,
  'proposal-timed-out': (state, timedOut, at) => {
    foldProposalTimedOut(state, timedOut, at)
    foldOutcome(state, timedOut.proposal, 'timedOut', { kind: 'system', name: 'approval-timeout' }, at)
  },
  'warrant-issued': foldWarrantIssued,
  'warrant-consumed': foldWarrantConsumed,
  'execution-ended': foldExecutionEnded,
  'rollback-started': foldRollbackStarted,
  'rollback-ended': foldRollbackEnded,
  'mode-changed': foldModeChanged,
  'mode-requested': (state, { to, effectiveFrom, because, by }, at) => {
    const livedFrom = state.mode.seconds + (Date.parse(effectiveFrom) - Date.parse(at)) / 1000
    state.mode = { ...state.mode, request: { to, effectiveFrom, livedFrom, because, by } }
  },
  'mode-request-cancelled': (state) => {
    state.mode = { ...state.mode, request: undefined }
  },
  'violation-recorded': foldViolation,
  'change-scheduled': (state, scheduled) => {
    state.scheduled.set(scheduled.proposal, scheduled)
  },
  'change-cancelled': (state, { proposal }) => {
    state.scheduled.delete(proposal)
  },
  'change-applied': (state, { proposal }) => {
    state.scheduled.delete(proposal)
  },
  'policy-adopted': (state, { policy, digest }) => {
    state.policy = { policy, digest }
  },
  'settings-adopted': (state, { set }) => {
    state.settings = { ...state.settings, ...set }
  },
  'sandbox-profile-adopted': (state, { digest }) => {
    state.sandboxProfile = digest
  },
  'playbook-approved': (state, { approved }) => {
    state.playbooks.set(approved.playbook.playbookId, approved)
  },
  'playbook-revoked': (state, { playbookId }) => {
    state.playbooks.delete(playbookId)
  },
  'key-enrolled': (state, { key }) => {
    state.keys.set(key.keyId, key)
  },
  'key-revoked': (state, { keyId }) => {
    state.keys.delete(keyId)
  },
  'checkpoint-signed': (state, { size, hash }, at) => {
    state.checkpoint = { size, hash, at }
  },
  'record-anchored': (state, { anchor }) => {
    state.anchor = anchor
  },
  'emergency-stopped': foldStopped,
  'emergency-lifted': foldLifted,
  'limit-violated': foldLimitViolated,
  'agent-opened': nothing,
  'agent-alive': foldAlive,
  'notification-sent': nothing,
  'request-refused': nothing,
  'clock-stepped': nothing,
  'alert-raised': nothing,
  'integrity-alarm': nothing,
}

/** What shows that the agent is used. */
const ACTIVITY: ReadonlySet<AgentEventType> = new Set<AgentEventType>([
  'proposal-created',
  'proposal-decided',
  'warrant-consumed',
  'execution-ended',
  'rollback-started',
])

/** For what is on the record for people alone. */
function nothing(): void {}
