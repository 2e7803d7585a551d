import type { Decision } from '../../contract/proposal.js'
import type { AgentEvents } from '../agent-event.js'
import type { ModeState } from '../agent-state.js'
import type { MutableState } from './mutable-state.js'

/** A silence longer than this, or a jump of the clock, counts as this much operation and no more. */
const MOST_SECONDS_BETWEEN_EVENTS = 24 * 3600
const REJECTION_WINDOW_DAYS = 7
const MOST_RECENT_DECISIONS = 1000

/** Adds the time since the last event to the operation of the mode: never a jump back, never more than a day at once. */
export function foldTime(state: MutableState, at: string): void {
  const now = Date.parse(at)
  if (state.greatestAt === undefined) {
    state.greatestAt = at
    state.mode = { ...state.mode, since: at }
  } else {
    const seconds = (now - Date.parse(state.greatestAt)) / 1000
    if (seconds > 0) {
      state.greatestAt = at
      state.mode = { ...state.mode, seconds: state.mode.seconds + Math.min(seconds, MOST_SECONDS_BETWEEN_EVENTS) }
    }
  }
  state.lastAt = at
}

/** Starts a mode, and its numbers with it. */
export function foldModeChanged(state: MutableState, { to }: AgentEvents['mode-changed'], at: string): void {
  state.mode = {
    mode: to,
    since: at,
    seconds: 0,
    approved: 0,
    rejected: 0,
    timedOut: 0,
    violations: 0,
    recentDecisions: [],
  }
}

/** Counts a decision that a person made. What a rule of the agent approved counts for nothing. */
export function foldDecision(state: MutableState, { by, decision }: Decision, at: string): void {
  if (by.kind !== 'user' && by.kind !== 'key') return
  const rejected = decision === 'reject'
  state.mode = {
    ...state.mode,
    approved: state.mode.approved + (rejected ? 0 : 1),
    rejected: state.mode.rejected + (rejected ? 1 : 0),
    recentDecisions: within(state.mode, at, rejected),
  }
}

/** Counts a proposal that nobody decided in time. */
export function foldTimeout(state: MutableState): void {
  state.mode = { ...state.mode, timedOut: state.mode.timedOut + 1 }
}

/** Counts a violation, for ever and for the mode. */
export function foldViolation(
  state: MutableState,
  { code, summary }: AgentEvents['violation-recorded'],
  at: string,
): void {
  state.violations = { total: state.violations.total + 1, latest: { code, summary, at } }
  state.mode = { ...state.mode, violations: state.mode.violations + 1 }
}

function within(mode: ModeState, at: string, rejected: boolean): ModeState['recentDecisions'] {
  // Times of one form are in the order of their letters.
  const oldest = new Date(Date.parse(at) - REJECTION_WINDOW_DAYS * 24 * 3600 * 1000).toISOString()
  return [...mode.recentDecisions, { at, rejected }].filter((one) => one.at >= oldest).slice(-MOST_RECENT_DECISIONS)
}
